"""Which queued job goes to which backend next. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct


class Waiting(Struct, frozen=True, kw_only=True):
    """A queued job, by its place in the log."""

    job_id: UUID
    person_id: UUID
    position: int
    workflow: str


class Slots(Struct, frozen=True, kw_only=True):
    """A backend's free places and the workflows it can render."""

    backend: str
    free: int
    workflows: frozenset[str]


class Assignment(Struct, frozen=True, kw_only=True):
    """A job and where it goes."""

    job_id: UUID
    backend: str


def in_turn(queue: Sequence[Waiting], served: Mapping[UUID, int]) -> list[Waiting]:
    """
    The queue in the order in which it will be served.

    Whoever was served least recently comes first, and of one person the oldest job; each job given
    counts as being served, so people take turns however many jobs each of them has.

    Args:
        queue: Jobs that wait.
        served: By person, the log position at which a job of theirs was last dispatched.
    """
    lines: dict[UUID, list[Waiting]] = {}
    for job in sorted(queue, key=lambda job: job.position, reverse=True):
        lines.setdefault(job.person_id, []).append(job)
    turns = [(served.get(person, 0), line[-1].position, person) for person, line in lines.items()]
    heapq.heapify(turns)
    turn = max((last for last, _, _ in turns), default=0)
    ordered: list[Waiting] = []
    while turns:
        _, _, person = turns[0]
        line = lines[person]
        ordered.append(line.pop())
        turn += 1
        if line:
            heapq.heapreplace(turns, (turn, line[-1].position, person))
        else:
            heapq.heappop(turns)
    return ordered


def schedule(
    queue: Sequence[Waiting], served: Mapping[UUID, int], backends: Sequence[Slots]
) -> list[Assignment]:
    """
    Give jobs, in turn, to the backend that can render them and has most room.

    A job that no free backend can render is passed over and keeps its turn.
    """
    free = {slots.backend: slots.free for slots in backends}
    assignments: list[Assignment] = []
    for job in in_turn(queue, served):
        able = [s.backend for s in backends if job.workflow in s.workflows and free[s.backend] > 0]
        if able:
            backend = max(able, key=lambda name: (free[name], name))
            free[backend] -= 1
            assignments.append(Assignment(job_id=job.job_id, backend=backend))
    return assignments
