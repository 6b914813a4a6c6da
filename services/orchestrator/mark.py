"""Where in the log an event stands, and where the log itself does."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from schemas.events import Event


class Mark(Struct, frozen=True, kw_only=True):
    """What ``evolve`` knows of an event besides the event: its position, and when it was decided."""

    position: int
    at: datetime


class Head(Struct, frozen=True, kw_only=True):
    """
    Where the log stands.

    Attributes:
        position: Of the last event; 0 for an empty log.
        hash: Its hash, which is that of the whole log so far: what has the same head has the same history.
    """

    position: int = 0
    hash: bytes = b""


class Append(Struct, frozen=True, kw_only=True):
    """An event that a decision wants in a stream."""

    stream: str
    event: Event
