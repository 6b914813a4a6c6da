"""What stands around a message, and around an event in the log."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from schemas.events import Event

Body = TypeVar("Body")


class Message(Struct, Generic[Body], frozen=True, kw_only=True):
    """
    Anything sent over JetStream.

    Attributes:
        message_id: Also its ``Nats-Msg-Id``; the receiver handles an id once.
        at: When the sender made it, UTC.
        body: What it says.
    """

    message_id: UUID
    at: datetime
    body: Body


class Recorded(Struct, frozen=True, kw_only=True):
    """
    An event as it stands in the log.

    Attributes:
        position: Place in the whole log, from 1, without gaps.
        stream: ``<noun>-<id>``.
        version: Place in its stream, from 1, without gaps.
        event_id: Derived from what caused it.
        cause: Id of the message that caused it.
        at: When it was decided, UTC.
        event: What happened.
    """

    position: int
    stream: str
    version: int
    event_id: UUID
    cause: UUID
    at: datetime
    event: Event
