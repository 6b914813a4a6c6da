"""
What a channel asks of the orchestrator, on ``inbox.command.<session>``.

Imperative, each exactly once by its message id. ``private`` is sealed under the transport key.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.catalogue import BoundBy, Digest, WorkflowSpec
from schemas.catalogue import Command as CommandName
from schemas.channel import Channel
from schemas.media import MediaRef
from schemas.params import RenderParams

# What a person typed after the slash. It may be longer than any command: that there is none is an answer.
Typed = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]


class SessionRef(Struct, frozen=True, kw_only=True):
    """
    Who speaks, and where, as pseudonyms.

    Attributes:
        session_id: The chat.
        person_id: The person in it.
        channel: The ingress that hears and shows it.
        private: Sealed ``Address`` of the chat, associated with ``session_id``.
    """

    session_id: UUID
    person_id: UUID
    channel: Channel
    private: bytes


class Target(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command points at: a picture, or what shows a job. All empty: the current picture."""

    image_id: UUID | None = None
    message_ref: UUID | None = None
    job_id: UUID | None = None


class RequestRender(Struct, frozen=True, kw_only=True, tag="render.request.v1"):
    """
    Make a picture.

    Attributes:
        session: Who and where.
        job_id: The job this becomes; asking twice with one id is asking once.
        command: Without the slash. Whether it exists is the orchestrator's to say.
        params: As parsed out of the text.
        target: The picture to edit.
        uploads: Pictures that came with the command, already in the media store; they come before the target.
        private: Sealed ``RequestSecrets``, associated with ``job_id``.
    """

    session: SessionRef
    job_id: UUID
    command: Typed
    params: RenderParams
    target: Target
    uploads: tuple[MediaRef, ...] = ()
    private: bytes


class ImportImage(Struct, frozen=True, kw_only=True, tag="image.import.v1"):
    """Keep a picture that came without a command, as what the next edit means."""

    session: SessionRef
    entry_id: UUID
    upload: MediaRef
    private: bytes


class RepeatJob(Struct, frozen=True, kw_only=True, tag="job.repeat.v1"):
    """Do a job again: the same words and inputs, with another seed (``vary``) or the same."""

    session: SessionRef
    job_id: UUID
    target: Target
    vary: bool
    private: bytes


class SelectImage(Struct, frozen=True, kw_only=True, tag="image.select.v1"):
    """Make a picture the current one; with an empty target, the parent of the current one (``/undo``)."""

    session: SessionRef
    entry_id: UUID
    target: Target
    private: bytes


class CancelJob(Struct, frozen=True, kw_only=True, tag="job.cancel.v1"):
    """Stop a job of this session; with an empty target, the newest that has not ended."""

    session: SessionRef
    entry_id: UUID
    target: Target
    private: bytes


class Ask(Struct, frozen=True, kw_only=True, tag="session.ask.v1"):
    """Ask for something that is answered in words and changes nothing."""

    session: SessionRef
    entry_id: UUID
    topic: Literal["help", "queue", "privacy", "tree"]
    private: bytes


class ReportStatusShown(Struct, frozen=True, kw_only=True, tag="status.report.v1"):
    """The channel shows a job. ``private`` is sealed ``MessageAddress``, associated with ``job_id``."""

    job_id: UUID
    message_ref: UUID
    private: bytes


class ReportOutcomeShown(Struct, frozen=True, kw_only=True, tag="outcome.report.v1"):
    """The channel showed a job's outcome."""

    job_id: UUID


class ReportAnswerShown(Struct, frozen=True, kw_only=True, tag="answer.report.v1"):
    """The channel showed an answer in words."""

    session_id: UUID
    entry_id: UUID


class ReportMediaMissing(Struct, frozen=True, kw_only=True, tag="media.report_missing.v1"):
    """The media store has lost a picture before it could be shown: it has to be made again."""

    job_id: UUID
    attempt: int


class ImportWorkflow(Struct, frozen=True, kw_only=True, tag="workflow.import.v1"):
    """An operator gives a workflow and binds its command to it, on ``inbox.operator``."""

    spec: WorkflowSpec
    definition: str


class BindWorkflow(Struct, frozen=True, kw_only=True, tag="workflow.bind.v1"):
    """
    An operator says what a command means from here on; an unknown digest changes nothing.

    Attributes:
        command: Without the slash.
        digest: Of a workflow that was registered.
        by: ``catalogue`` gives the command back: what is shipped may bind it anew.
    """

    command: CommandName
    digest: Digest
    by: BoundBy = "operator"


Command = (
    RequestRender
    | ImportImage
    | RepeatJob
    | SelectImage
    | CancelJob
    | Ask
    | ReportStatusShown
    | ReportOutcomeShown
    | ReportAnswerShown
    | ReportMediaMissing
    | ImportWorkflow
    | BindWorkflow
)
