"""
What a service asks the orchestrator and waits for, by NATS request on ``query.<kind>.<id>``.

A query changes nothing. Everything a channel asks is scoped by the session it asks for.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from schemas.catalogue import Digest, WorkflowSpec
from schemas.media import MediaRef
from schemas.replies import Entry


class AskHistory(Struct, frozen=True, kw_only=True, tag="ask.history.v1"):
    """The newest entries of a session, oldest first."""

    session_id: UUID
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class AskMedia(Struct, frozen=True, kw_only=True, tag="ask.media.v1"):
    """Where a picture of this session lies and how to open it; or, of a video, its poster."""

    session_id: UUID
    image_id: UUID
    poster: bool = False


class AskAttempt(Struct, frozen=True, kw_only=True, tag="ask.attempt.v1"):
    """Is this attempt still wanted? Asked before any GPU work, so that a stale dispatch renders nothing."""

    job_id: UUID
    attempt: int


class AskWorkflows(Struct, frozen=True, kw_only=True, tag="ask.workflows.v1"):
    """
    Which workflows may have to be rendered: what commands mean, what they meant before (a job of it may be
    wanted once more), and those of jobs that have not ended.
    """


class AskWorkflow(Struct, frozen=True, kw_only=True, tag="ask.workflow.v1"):
    """The definition of a workflow; every one that ever was stays readable."""

    digest: Digest


Query = AskHistory | AskMedia | AskAttempt | AskWorkflows | AskWorkflow


class History(Struct, frozen=True, kw_only=True, tag="history.v1"):
    """
    A session's newest entries, and what can be asked for.

    Attributes:
        entries: Oldest first.
        workflows: What each command means, by command.
        able: Digests of those that some backend can do now.
        simulated: Pictures come from a simulator.
    """

    entries: tuple[Entry, ...]
    workflows: tuple[WorkflowSpec, ...]
    able: tuple[Digest, ...]
    simulated: bool


class MediaFound(Struct, frozen=True, kw_only=True, tag="media.v1"):
    """``private`` is the medium's key, sealed under the transport key, associated with the media id."""

    media: MediaRef
    private: bytes


class AttemptFound(Struct, frozen=True, kw_only=True, tag="attempt.v1"):
    """Whether the attempt is the job's present one and neither ended nor cancelled."""

    wanted: bool


class WorkflowsFound(Struct, frozen=True, kw_only=True, tag="workflows.v1"):
    """Digests, in order."""

    digests: tuple[Digest, ...]


class WorkflowFound(Struct, frozen=True, kw_only=True, tag="workflow.v1"):
    """Bindings and API-format prompt, as JSON text."""

    definition: str


class NotFound(Struct, frozen=True, kw_only=True, tag="not_found.v1"):
    """There is no such thing, or it is not this session's: which of the two is not told."""


Answer = History | MediaFound | AttemptFound | WorkflowsFound | WorkflowFound | NotFound
