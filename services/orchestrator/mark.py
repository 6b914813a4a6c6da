"""Where in the log an event stands: what ``evolve`` knows of an event besides the event."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from schemas.events import Event


class Mark(Struct, frozen=True, kw_only=True):
    """Position in the log, and when it was decided."""

    position: int
    at: datetime


class Append(Struct, frozen=True, kw_only=True):
    """An event that a decision wants in a stream."""

    stream: str
    event: Event
