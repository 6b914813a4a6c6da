"""What an event makes due outside the log. Pure: it names things, the relay fetches and sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from msgspec import Struct

from schemas.envelope import Recorded
from schemas.events import EgressEvent, JobEvent
from schemas.events.answer import AnswerGiven
from schemas.events.backend import BackendObserved
from schemas.events.job import (
    AttemptFailed,
    CancelRequested,
    HostPurged,
    JobCancelled,
    JobDispatched,
    JobFailed,
    JobRequested,
    OutcomeShown,
    StatusShown,
)
from services.orchestrator.failure import traits
from services.orchestrator.projection import split


class Stray(Struct, frozen=True, kw_only=True):
    """An attempt that is not the job's present one any more, or whose job has ended."""

    job_id: UUID
    attempt: int
    backend: str


class Due(Struct, kw_only=True):
    """
    What is to be sent, each thing once however many events ask for it.

    Attributes:
        attempts: Jobs whose present attempt a renderer is to be told of.
        cancels: Jobs whose present or last attempt a renderer is to stop.
        strays: Attempts that were given up and may come to run yet, to be stopped as well.
        jobs: Jobs whose state is to be shown.
        answers: Answers to be shown.
        queue: Places in the queue have changed.
    """

    attempts: dict[UUID, None] = {}
    cancels: dict[UUID, None] = {}
    strays: dict[Stray, None] = {}
    jobs: dict[UUID, None] = {}
    answers: dict[UUID, None] = {}
    queue: bool = False

    def parts(self, size: int) -> Iterator[Due]:
        """The same in parts with at most *size* things of each kind."""
        kinds = (self.attempts, self.cancels, self.strays, self.jobs, self.answers)
        longest = max(len(kind) for kind in kinds)
        for start in range(0, longest, size):
            part = slice(start, start + size)
            yield Due(
                attempts=dict.fromkeys([*self.attempts][part]),
                cancels=dict.fromkeys([*self.cancels][part]),
                strays=dict.fromkeys([*self.strays][part]),
                jobs=dict.fromkeys([*self.jobs][part]),
                answers=dict.fromkeys([*self.answers][part]),
            )


# What a channel reports needs no showing: it came from there. What is tidied up is nothing to be told of.
_UNSEEN = StatusShown | OutcomeShown | HostPurged


def effects(recorded: Iterable[Recorded]) -> Due:
    """What a run of events makes due."""
    due = Due()
    for record in recorded:
        event = record.event
        _, id_ = split(record.stream)
        if isinstance(event, AnswerGiven):
            due.answers[UUID(id_)] = None
        elif isinstance(event, BackendObserved | EgressEvent):
            due.queue = True  # who waits for it is told that it went or came back
        elif isinstance(event, JobEvent) and not isinstance(event, _UNSEEN):
            job_id = UUID(id_)
            due.jobs[job_id] = None
            if isinstance(event, JobDispatched):
                due.attempts[job_id] = None
            if isinstance(event, CancelRequested) or (
                isinstance(event, JobFailed) and traits(event.code).is_loose
            ):
                due.cancels[job_id] = None
            if isinstance(event, AttemptFailed) and traits(event.code).is_loose:
                due.strays[Stray(job_id=job_id, attempt=event.attempt, backend=event.backend)] = None
            if isinstance(event, JobRequested | JobDispatched | JobCancelled | AttemptFailed):
                due.queue = True
    return due
