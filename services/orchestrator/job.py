"""A job's state, and how each event changes it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, assert_never
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from schemas.events.job import (
    AttemptFailed,
    CancelRequested,
    HostPurged,
    JobCancelled,
    JobDispatched,
    JobEvent,
    JobFailed,
    JobRequested,
    JobStarted,
    JobSucceeded,
    OutcomeShown,
    StatusShown,
)
from schemas.params import RenderParams
from services.orchestrator.failure import traits
from services.orchestrator.mark import Mark

Status = Literal["queued", "dispatched", "running", "cancelling", "succeeded", "failed", "cancelled"]

ENDED: frozenset[Status] = frozenset({"succeeded", "failed", "cancelled"})
IN_FLIGHT: frozenset[Status] = frozenset({"dispatched", "running", "cancelling"})

OUT_OF_MEMORY = "out-of-memory"

_RETRY_AFTER_S = 2.0  # doubled with each attempt, so that a backend that restarts is given time
_DOUBLED_AT_MOST = 6


class Job(Struct, frozen=True, kw_only=True):
    """
    A job.

    Attributes:
        requested: As it was asked.
        at: When.
        position: Log position of the asking: its place in line.
        params: As rendered: as asked, or smaller where memory did not suffice for that.
        free_memory: The attempt under way has the backend drop its models first.
        status: Where it stands.
        attempt: The attempt under way or the last one; 0 before the first.
        backend: Where that is.
        failed_on: Backends on which an attempt failed.
        out_of_memory: Where attempts ran out of memory, one after the other.
        queued_at: When it last came into the queue.
        not_before: Not dispatched again earlier than this.
        dispatched_at: Log position of the last dispatch.
        dispatched_before: Log position of the dispatch before that.
        changed_at: When it last changed.
        images: What came of it.
        render_s: Seconds the GPU took.
        code: Why it failed.
        details: Facts to that.
        message_ref: The message that shows it.
        shown_in: Sealed address of that message.
        shown: The person has seen the outcome.
        purged: Attempts of which nothing is left on the machines of their backends; unset while there are
            none, so that rows of before there were any hold what a replay of today gives.
    """

    requested: JobRequested
    at: datetime
    position: int
    params: RenderParams
    free_memory: bool = False
    status: Status = "queued"
    attempt: int = 0
    backend: str = ""
    failed_on: tuple[str, ...] = ()
    out_of_memory: tuple[str, ...] = ()
    queued_at: datetime
    not_before: datetime | None = None
    dispatched_at: int | None = None
    dispatched_before: int | None = None
    changed_at: datetime
    images: tuple[UUID, ...] = ()
    render_s: float | None = None
    code: str = ""
    details: dict[str, str] = {}
    message_ref: UUID | None = None
    shown_in: bytes = b""
    shown: bool = False
    purged: tuple[int, ...] | UnsetType = UNSET

    @property
    def is_smaller(self) -> bool:
        """Whether it is, or was, rendered smaller than asked."""
        return self.params != self.requested.params

    @property
    def has_ended(self) -> bool:
        """Whether its outcome is known."""
        return self.status in ENDED

    def is_purged(self, attempt: int) -> bool:
        """Whether nothing of *attempt* is left on the machine of its backend."""
        return self.purged is not UNSET and attempt in self.purged

    def is_current(self, attempt: int) -> bool:
        """Whether *attempt* is under way, as far as the log knows."""
        return self.attempt == attempt and self.status in IN_FLIGHT


def stream(job_id: UUID) -> str:
    """The job's stream in the log."""
    return f"job-{job_id}"


def evolve(job: Job | None, event: JobEvent, mark: Mark) -> Job:
    """The job after *event*."""
    if isinstance(event, JobRequested):
        return Job(
            requested=event,
            at=mark.at,
            position=mark.position,
            params=event.params,
            queued_at=mark.at,
            changed_at=mark.at,
        )
    if job is None:
        raise ValueError(f"{type(event).__name__} of a job that was never requested")
    changed = _evolve(job, event, mark)
    # Tidying up behind a job is no sign of its life: what waits for one must not wait longer.
    return changed if isinstance(event, HostPurged) else replace(changed, changed_at=mark.at)


def _evolve(job: Job, event: JobEvent, mark: Mark) -> Job:
    match event:
        case JobRequested():
            raise ValueError("a job is requested once")
        case JobDispatched():
            return replace(
                job,
                status="dispatched",
                attempt=event.attempt,
                backend=event.backend,
                dispatched_at=mark.position,
                dispatched_before=job.dispatched_at,
                free_memory=event.free_memory,
                params=event.params or job.requested.params,
            )
        case JobStarted():
            return replace(job, status="running")
        case AttemptFailed():
            after_s = _RETRY_AFTER_S * 2 ** min(event.attempt - 1, _DOUBLED_AT_MOST)
            memory = (*job.out_of_memory, event.backend) if event.code == OUT_OF_MEMORY else job.out_of_memory
            # The first time its memory is freed there, which may be all that was wanting.
            is_first = memory != job.out_of_memory and event.backend not in job.out_of_memory
            elsewhere = traits(event.code).is_elsewhere_better and not is_first
            return replace(
                job,
                status="queued",
                backend="",
                images=(),
                failed_on=_with(job.failed_on, event.backend) if elsewhere else job.failed_on,
                out_of_memory=memory,
                queued_at=mark.at,
                not_before=mark.at + timedelta(seconds=after_s),
                code=event.code,
                details=event.details,
            )
        case JobSucceeded():
            return replace(
                job,
                status="succeeded",
                images=event.images,
                render_s=event.timings.render_s,
                code="",
                details={},
            )
        case JobFailed():
            # Pictures that were made and lost before they were shown are not part of a failure.
            return replace(job, status="failed", images=(), code=event.code, details=event.details)
        case CancelRequested():
            return replace(job, status="cancelling")
        case JobCancelled():
            return replace(job, status="cancelled")
        case StatusShown():
            return replace(job, message_ref=event.message_ref, shown_in=event.private)
        case OutcomeShown():
            return replace(job, shown=True)
        case HostPurged():
            return replace(job, purged=(*(job.purged or ()), event.attempt))
        case _:
            assert_never(event)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)
