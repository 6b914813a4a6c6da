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
from collections import Counter
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
        oldest_first = sorted(queue, key=lambda job: job.position)
        self._queue = {job.job_id: job for job in oldest_first}
        self._served = dict(served)
        self._asked = sorted(asked)[-LOOK_AHEAD:]
        # What is given from here on is given after everything that was asked or given so far.
        self._turn = max(
            [0, *(one.last for one in served.values()), *(job.position for job in oldest_first[-1:])]
        )

    def in_turn(self, fits: Callable[[Waiting], bool] = lambda _: True) -> Iterator[Waiting]:
        """The jobs that fit, in the order of turns, as if each were given when its turn comes."""
        lines: dict[UUID, list[Waiting]] = {}
        for job in self._queue.values():
            if fits(job):
                lines.setdefault(job.person_id, []).append(job)
        turns = [(*self._rank(line[0]), line[0].position, person) for person, line in lines.items()]
        heapq.heapify(turns)
        turn = self._turn
        taken: Counter[UUID] = Counter()
        while turns:
            *_, person = turns[0]
            line = lines[person]
            yield line[taken[person]]
            taken[person] += 1
            turn += 1
            if taken[person] < len(line):
                heapq.heapreplace(turns, (True, turn, line[taken[person]].position, person))
            else:
                heapq.heappop(turns)

    def may_pass(self, job: Waiting, passed: Sequence[Waiting]) -> bool:
        """Whether *job* may be taken before the jobs whose turn comes first."""
        return all(self._may_pass(job, other) for other in passed)

    def serve(self, job: Waiting) -> None:
        """Give a job its turn."""
        del self._queue[job.job_id]
        self._turn += 1
        last = self._served.get(job.person_id, Served()).last
        self._served[job.person_id] = Served(last=self._turn, before=last)
        insort(self._asked, job.position)
        del self._asked[:-LOOK_AHEAD]

    def _rank(self, job: Waiting) -> tuple[bool, int]:
        if self._is_overdue(since := self._since(job)):
            return False, since
        return True, self._served.get(job.person_id, Served()).last

    def _may_pass(self, job: Waiting, other: Waiting) -> bool:
        if job.person_id == other.person_id:
            return not self._is_overdue(other.position)
        since = self._since(other)
        return not self._is_overdue(since) and self._served.get(job.person_id, Served()).before <= since

    def _since(self, job: Waiting) -> int:
        """Since when its person waits for a turn with it."""
        return max(self._served.get(job.person_id, Served()).last, job.position)

    def _is_overdue(self, since: int) -> bool:
        """Whether ``LOOK_AHEAD`` jobs that were asked after that have had their turn already."""
        return len(self._asked) == LOOK_AHEAD and self._asked[0] > since
