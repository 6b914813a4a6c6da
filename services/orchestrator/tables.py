"""The projections' rows in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from schemas import codec
from services.common.db import Connection
from services.orchestrator.projection import PROJECTIONS, Row, split


async def load(conn: Connection, kind: str, id_: object, schema: str = "projection") -> Row:
    """The row of one aggregate."""
    found = await conn.fetchrow(f"SELECT version, state FROM {schema}.{kind} WHERE id = $1", str(id_))  # noqa: S608
    if found is None:
        return Row(version=0, state=None)
    return Row(version=found["version"], state=decode(kind, found["state"]))


async def load_all(conn: Connection, kind: str) -> dict[str, Row]:
    """Every row of a table, by stream."""
    found = await conn.fetch(f"SELECT id, version, state FROM projection.{kind}")  # noqa: S608
    return {
        f"{kind}-{row['id']}": Row(version=row["version"], state=decode(kind, row["state"])) for row in found
    }


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
    places = ", ".join(f"${number}" for number in range(1, len(columns(kind)) + 1))
    return f"INSERT INTO {schema}.{kind} ({', '.join(columns(kind))}) VALUES ({places}) {_replacing(kind)}"  # noqa: S608


class Upserts(Struct, frozen=True, kw_only=True):
    """Rows to be written: the kinds, each once, and of each its rows as a JSON array."""

    kinds: tuple[str, ...]
    records: tuple[str, ...]


def upserts(rows: Mapping[str, Row]) -> Upserts:
    """Rows by stream, to be written together."""
    by_kind: dict[str, list[dict[str, object]]] = {}
    for stream, row in sorted(rows.items()):
        kind, id_ = split(stream)
        named = dict(zip(columns(kind), record(kind, id_, row), strict=True))
        by_kind.setdefault(kind, []).append(named)
    return Upserts(
        kinds=tuple(by_kind),
        records=tuple(codec.encode(records).decode() for records in by_kind.values()),
    )


@cache
def writing(kinds: tuple[str, ...], first: int) -> str:
    """
    The parts of a statement that write rows of some kinds.

    Args:
        kinds: As in ``Upserts``.
        first: The number of the parameter that has the first kind's rows.
    """
    return "".join(
        f", {kind}_rows AS (INSERT INTO projection.{kind} SELECT new.* "  # noqa: S608
        f"FROM appended, jsonb_populate_recordset(NULL::projection.{kind}, ${number}) AS new "
        f"{_replacing(kind)})"
        for number, kind in enumerate(kinds, start=first)
    )


def _replacing(kind: str) -> str:
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns(kind)[1:])
    return f"ON CONFLICT (id) DO UPDATE SET {updates}"
