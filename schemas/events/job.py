"""A job: one command that asks for a picture, from the asking to its one outcome."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.channel import Channel
from schemas.params import RenderParams


class JobRequested(Struct, frozen=True, kw_only=True, tag="job.requested.v1"):
    """
    Someone asked for a picture and it was taken.

    Attributes:
        session_id: The chat it was asked in.
        person_id: Who asked; their key seals ``private``.
        channel: The ingress that shows it.
        command: As typed, without the slash.
        workflow: Content hash of the workflow the command was bound to.
        chain_id: The image chain it belongs to: its first input's, or a new one.
        inputs: Pictures to edit, in order.
        params: As asked, with the seed filled in if the workflow takes one.
        private: Sealed ``RequestSecrets``.
    """

    session_id: UUID
    person_id: UUID
    channel: Channel
    command: str
    workflow: str
    chain_id: UUID
    inputs: tuple[UUID, ...]
    params: RenderParams
    private: bytes


class JobDispatched(Struct, frozen=True, kw_only=True, tag="job.dispatched.v1"):
    """
    An attempt was given to a backend.

    Attributes:
        attempt: Counts from 1.
        backend: Where it goes.
        free_memory: The attempt before ran out of memory there: the backend drops its models first.
        params: Smaller than asked, because no memory sufficed for that; ``None``: as asked.
    """

    attempt: int
    backend: str
    free_memory: bool = False
    params: RenderParams | None = None


class JobStarted(Struct, frozen=True, kw_only=True, tag="job.started.v1"):
    """The backend began to run the attempt."""

    attempt: int


class AttemptFailed(Struct, frozen=True, kw_only=True, tag="job.attempt_failed.v1"):
    """An attempt ended without a picture and the job goes back into the queue."""

    attempt: int
    backend: str
    code: str
    details: dict[str, str] = {}


class Timings(Struct, frozen=True, kw_only=True):
    """Where a successful attempt's time went, in seconds."""

    upload_s: float
    wait_s: float
    render_s: float
    download_s: float


class JobSucceeded(Struct, frozen=True, kw_only=True, tag="job.succeeded.v1"):
    """The pictures are in the media store."""

    attempt: int
    backend: str
    images: tuple[UUID, ...]
    timings: Timings


class JobFailed(Struct, frozen=True, kw_only=True, tag="job.failed.v1"):
    """The last attempt failed, or the failure is one that another attempt can't mend."""

    attempt: int
    code: str
    details: dict[str, str] = {}


class CancelRequested(Struct, frozen=True, kw_only=True, tag="job.cancel_requested.v1"):
    """Its person wants it stopped; it is being looked whether that came in time."""


class JobCancelled(Struct, frozen=True, kw_only=True, tag="job.cancelled.v1"):
    """It was stopped, and no picture will come."""


class StatusShown(Struct, frozen=True, kw_only=True, tag="job.status_shown.v1"):
    """
    The channel has a message that shows this job, and will edit that one.

    Attributes:
        message_ref: Pseudonym of the message, so that a reply to it finds the job.
        private: Sealed ``MessageAddress``.
    """

    message_ref: UUID
    private: bytes


class OutcomeShown(Struct, frozen=True, kw_only=True, tag="job.outcome_shown.v1"):
    """The person has seen the outcome: nothing more is due."""


class HostPurged(Struct, frozen=True, kw_only=True, tag="job.host_purged.v1"):
    """
    Nothing of an attempt is left on the machine of its backend, but for inputs that other jobs there need.

    Attributes:
        attempt: Which one.
        backend: Where.
        files: How many outputs and temporary files were deleted.
        inputs: How many uploaded pictures were.
        history: Whether ComfyUI's history had an entry.
    """

    attempt: int
    backend: str
    files: int
    inputs: int
    history: bool


JobEvent = (
    JobRequested
    | JobDispatched
    | JobStarted
    | AttemptFailed
    | JobSucceeded
    | JobFailed
    | CancelRequested
    | JobCancelled
    | StatusShown
    | OutcomeShown
    | HostPurged
)
