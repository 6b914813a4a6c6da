"""
What a service has found to be so: a renderer on ``inbox.fact.<backend>``, and each process that may reach a
backend, or the way to one, of itself on ``inbox.egress.<position>``.

``private`` is sealed under the transport key, associated with the job's id.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from schemas.catalogue import BackendName, BackendReport, WorkflowSpec
from schemas.egress import Checked, Position, Verdict
from schemas.events.job import Timings
from schemas.media import MediaRef


class RenderStarted(Struct, frozen=True, kw_only=True, tag="render.started.v1"):
    """The backend runs the attempt."""

    job_id: UUID
    attempt: int


class RenderSucceeded(Struct, frozen=True, kw_only=True, tag="render.succeeded.v1"):
    """The pictures are sealed in the media store. ``private`` is sealed ``MediaKeys``."""

    job_id: UUID
    attempt: int
    backend: BackendName
    images: tuple[MediaRef, ...]
    timings: Timings
    private: bytes


class RenderFailed(Struct, frozen=True, kw_only=True, tag="render.failed.v1"):
    """
    The attempt ended without a picture.

    Attributes:
        retryable: Another attempt may succeed.
        code: Stable slug.
        details: Facts for the words (a model's name). Never paths, tracebacks or prompts.
    """

    job_id: UUID
    attempt: int
    backend: BackendName
    code: str
    details: dict[str, str] = {}
    retryable: bool


class RenderCancelled(Struct, frozen=True, kw_only=True, tag="render.cancelled.v1"):
    """The attempt was stopped, confirmed by looking: it is neither queued nor running."""

    job_id: UUID
    attempt: int


class HostPurged(Struct, frozen=True, kw_only=True, tag="host.purged.v1"):
    """The host of a backend deleted what the attempt left there; fields as in the event of that name."""

    job_id: UUID
    attempt: int
    backend: BackendName
    files: int
    inputs: int
    history: bool


class WorkflowAnnounced(Struct, frozen=True, kw_only=True, tag="workflow.announced.v1"):
    """A workflow of a renderer's catalogue, told at its start; the definition is JSON text."""

    spec: WorkflowSpec
    definition: str


class BackendReported(Struct, frozen=True, kw_only=True, tag="backend.reported.v1"):
    """
    A look at a backend.

    Attributes:
        report: What is worth an event when it changes.
        queued: Prompts that run or wait there, whoever's; how many does not matter to the log.
    """

    report: BackendReport
    queued: int = 0


class EgressChecked(Checked, frozen=True, kw_only=True, tag="egress.checked.v1"):
    """
    A process has looked whether anything of it goes around the tunnel.

    Attributes:
        position: Where it stands; it may speak for no other.
        verdict: What it found.
        at: When, by its own clock: what was checked long ago proves nothing, however late it is heard.
        interval_s: After so long it checks again.
    """

    position: Position
    verdict: Verdict
    at: datetime
    interval_s: Annotated[float, Meta(gt=0, le=3600)]


Fact = (
    RenderStarted
    | RenderSucceeded
    | RenderFailed
    | RenderCancelled
    | HostPurged
    | WorkflowAnnounced
    | BackendReported
    | EgressChecked
)
