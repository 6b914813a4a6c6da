"""The event log in Postgres: append, and read in the order of commits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from schemas import codec
from schemas.envelope import Recorded
from schemas.events import Event
from services.common.db import Connection
from services.common.errors import VersionConflictError

_APPEND = "SELECT append_events($1, $2, $3, $4, $5, $6, $7)"
_READ = """
SELECT position, stream, version, event_id, cause, at, data
FROM event_log WHERE position > $1 AND position <= $2 ORDER BY position
"""
_VERSION_CONFLICT = "DR001"


class UnreadableEventError(ValueError):
    """Bytes of the log are no event that this version knows."""


class NewEvent:
    """
    An event that is about to be appended.

    Attributes:
        event: As its bytes decode, which is what everybody who reads the log will see. An event that can't
            be read again raises ``msgspec.ValidationError`` here, before it is in the log for ever.
    """

    __slots__ = ("data", "event", "event_id", "type")

    def __init__(self, event_id: UUID, event: Event) -> None:
        self.event_id = event_id
        self.type = codec.event_type(event)
        self.data = codec.encode(event)
        self.event = codec.decode_event(self.data)


async def lock(conn: Connection) -> None:
    """
    Be the only writer until the transaction ends.

    Taken before reading what a decision rests on, so that the decision can't be overtaken.
    """
    await conn.execute("SELECT lock_log()")


async def append(
    conn: Connection, stream: str, events: Sequence[NewEvent], *, expected: int, cause: UUID, at: datetime
) -> int:
    """
    Append *events* to *stream*.

    Args:
        conn: In the transaction of everything else that the decision changes.
        stream: ``<noun>-<id>``.
        events: In order, at least one.
        expected: The version the stream was at when the decision was made.
        cause: Id of the message that caused them.
        at: When it was decided.

    Returns:
        The log position of the last of them.

    Raises:
        VersionConflictError: Someone appended first. Nothing was written.
    """
    try:
        position = await conn.fetchval(
            _APPEND,
            stream,
            expected,
            cause,
            at,
            [event.event_id for event in events],
            [event.type for event in events],
            [event.data for event in events],
        )
    except asyncpg.PostgresError as exc:
        if getattr(exc, "sqlstate", "") == _VERSION_CONFLICT:
            raise VersionConflictError(str(exc)) from exc
        raise
    return int(position)


async def head(conn: Connection) -> int:
    """The last position, 0 for an empty log."""
    return int(await conn.fetchval("SELECT coalesce(max(position), 0) FROM event_log"))


async def read(conn: Connection, after: int, limit: int) -> list[Recorded]:
    """
    At most *limit* events after a position. There are no gaps: positions are given out under the lock.

    Raises:
        UnreadableEventError: One of them can't be decoded.
    """
    return [_recorded(row) for row in await conn.fetch(_READ, after, after + limit)]


async def read_all(conn: Connection, until: int) -> AsyncGenerator[Recorded]:
    """Every event up to a position, in bounded memory; inside a transaction. Raises as ``read``."""
    async for row in conn.cursor(_READ, 0, until, prefetch=2000):
        yield _recorded(row)


def _recorded(row: Any) -> Recorded:
    try:
        event = codec.decode_event(row["data"])
    except msgspec.DecodeError as exc:
        raise UnreadableEventError(f"position {row['position']} of the log: {exc}") from exc
    return Recorded(
        position=row["position"],
        stream=row["stream"],
        version=row["version"],
        event_id=row["event_id"],
        cause=row["cause"],
        at=row["at"],
        event=event,
    )
