"""The projections' rows in Postgres."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from schemas import codec
from services.common.db import Connection
from services.orchestrator.projection import PROJECTIONS


class Row(Struct, frozen=True, kw_only=True):
    """An aggregate's state and its stream's version; ``None`` and 0 before its first event."""

    version: int
    state: Any


async def load(conn: Connection, kind: str, id_: object, schema: str = "projection") -> Row:
    """The row of one aggregate."""
    found = await conn.fetchrow(f"SELECT version, state FROM {schema}.{kind} WHERE id = $1", str(id_))  # noqa: S608
    if found is None:
        return Row(version=0, state=None)
    return Row(version=found["version"], state=decode(kind, found["state"]))


async def store(conn: Connection, kind: str, id_: str, row: Row, schema: str = "projection") -> None:
    """Write the row of one aggregate."""
    await conn.execute(upsert(kind, schema), *record(kind, id_, row))


def decode(kind: str, state: str) -> Any:
    """A stored state as its struct."""
    return msgspec.json.decode(state, type=PROJECTIONS[kind].state)


def record(kind: str, id_: str, row: Row) -> tuple[object, ...]:
    """A row's columns, in the table's order."""
    return (id_, row.version, codec.encode(row.state).decode(), *PROJECTIONS[kind].values(row.state))


def columns(kind: str) -> tuple[str, ...]:
    """Names of a table's columns, in order."""
    return ("id", "version", "state", *PROJECTIONS[kind].columns)


def upsert(kind: str, schema: str) -> str:
    """The statement that writes a row of a table."""
    names = columns(kind)
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {schema}.{kind} ({', '.join(names)}) VALUES ({places}) "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {updates}"
    )
