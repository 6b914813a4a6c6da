"""Names on NATS: streams, subjects, durable consumers, the media bucket."""

from __future__ import annotations

from uuid import UUID

INBOX = "INBOX"
RENDER = "RENDER"
REPLIES = "REPLIES"
EVENTS = "EVENTS"
PARKED = "PARKED"
MEDIA_BUCKET = "media"
REASON_HEADER = "Darkroom-Reason"
"""Why a message is on PARKED."""
SHOWN_BUCKET = "shown"
"""By entry id, the sealed address of the message that a channel shows it in; albums until they are whole."""

STREAM_SUBJECTS = {
    INBOX: ("inbox.>",),
    RENDER: ("render.>",),
    REPLIES: ("reply.>",),
    EVENTS: ("evt.>",),
    PARKED: ("parked.>",),
}


def inbox_command(session_id: UUID) -> str:
    """Where a channel puts a command; the session is in it so that INBOX can be partitioned by it."""
    return f"inbox.command.{session_id}"


def inbox_fact(backend: str) -> str:
    """Where a renderer puts a fact."""
    return f"inbox.fact.{backend}"


def inbox_egress(position: str) -> str:
    """Where a process at that position says whether anything of it goes around the tunnel."""
    return f"inbox.egress.{position}"


def inbox_operator() -> str:
    """Where an operator's command line puts a command."""
    return "inbox.operator"


def render_attempt(backend: str) -> str:
    """Attempts for a backend."""
    return f"render.{backend}.attempt"


def render_cancel(backend: str) -> str:
    """Cancellations for a backend: a subject of their own, so that they never wait behind a render."""
    return f"render.{backend}.cancel"


def reply(channel: str, session_id: UUID) -> str:
    """What a session's channel has to show."""
    return f"reply.{channel}.{session_id}"


def replies_of(channel: str) -> str:
    """Every reply of a channel."""
    return f"reply.{channel}.*"


def progress(channel: str, session_id: UUID | str, job_id: UUID | str) -> str:
    """Progress of a job; ``*`` for either id to listen to many."""
    return f"progress.{channel}.{session_id}.{job_id}"


def query(kind: str) -> str:
    """Questions to the orchestrator, by the kind of service that may ask: ``channel`` or ``renderer``."""
    return f"query.{kind}"


def study() -> str:
    """Questions to a renderer about a workflow that is to be imported (``schemas.importing``)."""
    return "query.study"


def event(type_: str, stream: str) -> str:
    """The sealed mirror of one event: ``evt.<noun>.<verb>.v<N>.<stream>``."""
    return f"evt.{type_}.{stream}"


def parked(stream: str) -> str:
    """Messages of a stream that could not be handled."""
    return f"parked.{stream}"
