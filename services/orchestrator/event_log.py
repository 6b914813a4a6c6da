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
from services.common.errors import RejectedError, VersionConflictError
from services.orchestrator import tables
from services.orchestrator.mark import Head
from services.orchestrator.tables import Upserts

_OPEN = "SELECT position, hash FROM open_log()"
# What is appended comes first, under the lock: the rows are written out of its result.
_APPEND = """
WITH appended AS MATERIALIZED (SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS hash)
{rows} SELECT hash FROM appended
"""
_FIRST_ROWS = 11
_HEAD = "SELECT position, hash FROM event_log ORDER BY position DESC LIMIT 1"
_READ = """
SELECT position, stream, version, event_id, cause, at, data
FROM event_log WHERE position > $1 AND position <= $2 ORDER BY position
"""
_SINCE = "SELECT position, stream, hash FROM event_log WHERE position >= $1 ORDER BY position"


class UnreadableEventError(ValueError):
    """Bytes of the log are no event that this version knows."""


class ClaimedError(RejectedError):
    """A message took effect before."""

    code = "claimed"


class StreamVersionError(RejectedError):
    """A stream is not at the version that its row says, though nobody appended meanwhile."""

    code = "stream-version"


class NewEvent:
    """
    An event that is about to be appended.

    Attributes:
        stream: ``<noun>-<id>``.
        version: The stream's, with it.
        event: As its bytes decode, which is what everybody who reads the log will see. An event that can't
            be read again raises ``msgspec.ValidationError`` here, before it is in the log for ever.
    """

    __slots__ = ("data", "event", "event_id", "stream", "type", "version")

    def __init__(self, stream: str, version: int, event_id: UUID, event: Event) -> None:
        self.stream = stream
        self.version = version
        self.event_id = event_id
        self.type = codec.event_type(event)
        self.data = codec.encode(event)
        self.event = codec.decode_event(self.data)


async def open_log(conn: Connection) -> Head:
    """
    Be the only writer until the transaction ends; where the log stands then.

    Called before reading what a decision rests on, so that the decision can't be overtaken.
    """
    row = await conn.fetchrow(_OPEN)
    return Head(position=row["position"], hash=row["hash"])


async def append(
    conn: Connection,
    events: Sequence[NewEvent],
    rows: Upserts,
    *,
    after: Head,
    cause: UUID,
    at: datetime,
    consumer: str = "",
) -> Head:
    """
    Append *events* and write the *rows* that follow from them, in one statement: all of it or nothing.

    Args:
        conn: In a transaction or not.
        events: In order; there may be none, and only the message is claimed.
        rows: What the projections have to say with them.
        after: Where the log stood when the decision was made.
        cause: Id of the message that caused them.
        at: When it was decided.
        consumer: Whose message that is, to be claimed with it; empty when it is nobody's.

    Returns:
        Where the log stands with them.

    Raises:
        VersionConflictError: The log does not end where the decision thought.
        StreamVersionError: One of the streams is at another version.
        ClaimedError: The consumer took this message before.
    """
    statement = _APPEND.format(rows=tables.writing(rows.kinds, _FIRST_ROWS))
    try:
        log_hash = await conn.fetchval(
            statement,
            consumer,
            cause,
            after.position,
            after.hash,
            at,
            [event.stream for event in events],
            [event.version for event in events],
            [event.event_id for event in events],
            [event.type for event in events],
            [event.data for event in events],
            *rows.records,
        )
    except asyncpg.PostgresError as exc:
        match getattr(exc, "sqlstate", ""):
            case "DR001":
                raise VersionConflictError(str(exc)) from exc
            case "DR003":
                raise StreamVersionError(str(exc)) from exc
            case "DR004":
                raise ClaimedError(str(exc)) from exc
            case _:
                raise
    return Head(position=after.position + len(events), hash=log_hash)


async def head(conn: Connection) -> Head:
    """Where the log stands."""
    row = await conn.fetchrow(_HEAD)
    return Head() if row is None else Head(position=row["position"], hash=row["hash"])


async def changed(conn: Connection, since: Head) -> tuple[bool, frozenset[str]]:
    """Whether the log once stood at *since*, and the streams that something was appended to after that."""
    rows = await conn.fetch(_SINCE, since.position)
    passed = since == Head() or (bool(rows) and rows[0]["hash"] == since.hash)
    return passed, frozenset(row["stream"] for row in rows if row["position"] > since.position)


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
