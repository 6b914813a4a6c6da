"""
Whose turn it is. Pure.

Whoever was served least recently comes first. A job may be taken before its turn because a backend has
its models loaded, but only so that both bounds hold, for every job that waits and could go:

From the later of its person's last turn and its own asking until its person's next turn,

1. every other person gets at most two turns on backends that can do it, and
2. at most ``LOOK_AHEAD`` turns go to jobs that were asked later, whoever asks however many.

The second also bounds by how many of their own younger jobs a person's old one is passed over.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

LOOK_AHEAD = 32


class Waiting(Struct, frozen=True, kw_only=True):
    """
    A queued job.

    Attributes:
        job_id: The job.
        person_id: Whose.
        position: Log position of its asking.
        workflow: Digest.
        failed_on: Backends on which an attempt of it failed.
    """

    job_id: UUID
    person_id: UUID
    position: int
    workflow: str
    failed_on: frozenset[str] = frozenset()


class Served(Struct, frozen=True, kw_only=True):
    """Log positions of a person's last two turns; 0 for one that there was not."""

    last: int = 0
    before: int = 0


class _Line:
    """A person's waiting jobs, oldest first, and their last two turns."""

    __slots__ = ("jobs", "served")

    def __init__(self, served: Served) -> None:
        self.jobs: list[Waiting] = []
        self.served = served


class Turns:
    """
    Who waits, and who was served when; both change as jobs are given out.

    Args:
        queue: The jobs that wait.
        served: By person; who is not in it was never served.
        asked: Of the ``LOOK_AHEAD`` youngest jobs that were ever given out, the positions of their asking.
    """

    def __init__(
        self, queue: Iterable[Waiting], served: Mapping[UUID, Served], asked: Iterable[int] = ()
    ) -> None:
        self._lines: dict[UUID, _Line] = {}
        self._asked = sorted(asked)[-LOOK_AHEAD:]
        # What is given from here on is given after everything that was asked or given so far.
        self._turn = max((one.last for one in served.values()), default=0)
        for job in sorted(queue, key=lambda job: job.position):
            line = self._lines.get(job.person_id)
            if line is None:
                line = self._lines[job.person_id] = _Line(served.get(job.person_id, Served()))
            line.jobs.append(job)
            self._turn = max(self._turn, job.position)

    def in_turn(self, fits: Callable[[Waiting], bool] = lambda _: True) -> Iterator[Waiting]:
        """The jobs that fit, in the order of turns, as if each were given when its turn comes."""
        turns: list[tuple[bool, int, int, Iterator[Waiting], Waiting]] = []
        for line in self._lines.values():
            jobs = iter([job for job in line.jobs if fits(job)])
            if (first := next(jobs, None)) is not None:
                is_in_time, key = self._rank(line, first)
                turns.append((is_in_time, key, first.position, jobs, first))
        heapq.heapify(turns)  # by the position at the latest: there is only one job of each
        turn = self._turn
        while turns:
            *_, jobs, job = turns[0]
            yield job
            turn += 1
            if (following := next(jobs, None)) is not None:
                heapq.heapreplace(turns, (True, turn, following.position, jobs, following))
            else:
                heapq.heappop(turns)

    def may_pass(self, job: Waiting, passed: Sequence[Waiting]) -> bool:
        """Whether *job* may be taken before the jobs whose turn comes first."""
        return all(self._may_pass(job, other) for other in passed)

    def serve(self, job: Waiting) -> None:
        """Give a job its turn."""
        line = self._lines[job.person_id]
        line.jobs.remove(job)
        self._turn += 1
        line.served = Served(last=self._turn, before=line.served.last)
        insort(self._asked, job.position)
        del self._asked[:-LOOK_AHEAD]

    def _rank(self, line: _Line, first: Waiting) -> tuple[bool, int]:
        since = max(line.served.last, first.position)
        return (False, since) if self._is_overdue(since) else (True, line.served.last)

    def _may_pass(self, job: Waiting, other: Waiting) -> bool:
        if job.person_id == other.person_id:
            return not self._is_overdue(other.position)
        since = max(self._lines[other.person_id].served.last, other.position)
        return not self._is_overdue(since) and self._lines[job.person_id].served.before <= since

    def _is_overdue(self, since: int) -> bool:
        """Whether ``LOOK_AHEAD`` jobs that were asked after that have had their turn already."""
        return len(self._asked) == LOOK_AHEAD and self._asked[0] > since
