"""A session's state. Pure."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from schemas.channel import Channel
from schemas.events.session import ImageSelected, SessionEvent, SessionOpened
from services.orchestrator.mark import Mark


class Session(Struct, frozen=True, kw_only=True):
    """One chat: who opened it, where it is (sealed), and what an edit means that names no picture."""

    person_id: UUID
    channel: Channel
    private: bytes
    current: UUID | None = None


def stream(session_id: UUID) -> str:
    """The session's stream in the log."""
    return f"session-{session_id}"


def evolve(session: Session | None, event: SessionEvent, _mark: Mark) -> Session:
    """The session after *event*."""
    match event:
        case SessionOpened():
            return Session(person_id=event.person_id, channel=event.channel, private=event.private)
        case ImageSelected():
            if session is None:
                raise ValueError("a picture was selected in a session that was never opened")
            return replace(session, current=event.image_id)
        case _:
            assert_never(event)
