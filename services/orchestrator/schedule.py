"""Which queued job goes to which backend next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from math import inf
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.orchestrator.backend import Backend
from services.orchestrator.fairness import LOOK_AHEAD, Turns, Waiting

_PROBES = 1  # while nobody knows whether the backend is sound again


class Slots(Struct, frozen=True, kw_only=True):
    """
    A backend that jobs are given to, also when it is full.

    Attributes:
        backend: Its name.
        free: How many more jobs it takes.
        busy: How many are with it; with none the next one runs at once, otherwise it is staged.
        workflows: What it can do.
        warm: What it did last, and so has in memory; empty when that is not known.
        seconds: By workflow, how long it takes, as far as that was measured.
    """

    backend: str
    free: int
    busy: int = 0
    workflows: frozenset[str]
    warm: str = ""
    seconds: dict[str, float] = {}


def slots_of(
    backends: Iterable[Backend], busy: Mapping[str, int], now: datetime, *, staged: int
) -> list[Slots]:
    """
    The room on *backends*; what is warm there is not known.

    Args:
        backends: That jobs are given to.
        busy: By name, how many jobs are with it.
        now: What time it is.
        staged: How many jobs wait at a backend beside the one that it runs.
    """
    found: list[Slots] = []
    for one in backends:
        there = busy.get(one.name, 0)
        most = 1 + staged if one.breaker.standing(now) == "closed" else _PROBES
        able = frozenset(digest for digest, lacks in one.report.lacks.items() if not lacks)
        found.append(Slots(backend=one.name, free=max(0, most - there), busy=there, workflows=able))
    return found


class Assignment(Struct, frozen=True, kw_only=True):
    """A job and where it goes."""

    job_id: UUID
    backend: str


class Cap(Struct, frozen=True, kw_only=True):
    """How many jobs of one person may be with backends, and by person how many are."""

    most: int
    running: Mapping[UUID, int] = {}


def schedule(turns: Turns, backends: Sequence[Slots], cap: Cap) -> list[Assignment]:
    """
    Give out as many jobs as there is room for, each to the backend that suits it best.

    Backends with nothing to do come first; only then jobs are staged behind others. A job that no backend
    with room can do is passed over and keeps its turn, and so is one whose person has enough running.
    """
    board = _Board(turns, backends, cap)
    return [*board.fill(staged=False), *board.fill(staged=True)]


class _Board:
    def __init__(self, turns: Turns, backends: Sequence[Slots], cap: Cap) -> None:
        self._turns = turns
        self._slots = {slots.backend: slots for slots in backends}
        self._running = Counter(cap.running)
        self._most_running = cap.most
        self._wanted: dict[tuple[str, frozenset[str]], frozenset[str]] = {}

    def fill(self, *, staged: bool) -> Iterator[Assignment]:
        """Give out while there is room on idle backends; or, *staged*, on any."""
        while rooms := [one for one in self._slots.values() if one.free > 0 and (staged or not one.busy)]:
            names = {room.backend for room in rooms}
            full = {person for person, jobs in self._running.items() if jobs >= self._most_running}

            def fits(job: Waiting, names: set[str] = names, full: set[UUID] = full) -> bool:
                has_enough = bool(full) and job.person_id in full
                return not has_enough and not names.isdisjoint(self._wants(job))

            line = list(islice(self._turns.in_turn(fits), LOOK_AHEAD))
            if not line:
                return
            job, room = self._chosen(line, rooms)
            self._turns.serve(job)
            self._running[job.person_id] += 1
            self._slots[room.backend] = replace(
                room, free=room.free - 1, busy=room.busy + 1, warm=job.workflow
            )
            yield Assignment(job_id=job.job_id, backend=room.backend)

    def _chosen(self, line: list[Waiting], rooms: list[Slots]) -> tuple[Waiting, Slots]:
        """The first in line to the room it likes best, or another for which a room is warm."""
        first = line[0]
        liked = sorted(
            (room for room in rooms if room.backend in self._wants(first)),
            key=lambda room: (
                room.warm != first.workflow,
                room.seconds.get(first.workflow, inf),
                room.backend,
            ),
        )
        if liked[0].warm == first.workflow:
            return first, liked[0]
        rivals = {room.backend: self._rival(line, room) for room in liked}
        for room in liked:
            if rivals[room.backend] is None:
                return first, room
        return rivals[liked[0].backend] or first, liked[0]

    def _rival(self, line: list[Waiting], room: Slots) -> Waiting | None:
        """The first behind the first in line that the room is warm for and that may go before."""
        passed: list[Waiting] = []
        for job in line:
            if room.backend not in self._wants(job):
                continue
            if job.workflow == room.warm and self._turns.may_pass(job, passed):
                return job
            passed.append(job)
        return None

    def _wants(self, job: Waiting) -> frozenset[str]:
        """Backends that can do a job; not one on which it failed, unless there is no other."""
        key = job.workflow, job.failed_on
        if key not in self._wanted:
            able = frozenset(name for name, one in self._slots.items() if job.workflow in one.workflows)
            self._wanted[key] = able - job.failed_on or able
        return self._wanted[key]
