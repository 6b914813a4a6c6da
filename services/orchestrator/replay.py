"""Replay: make every projection again from the log, and compare it with the one that is used."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from schemas.envelope import Recorded
from services.common.db import Connection, connect, translated
from services.orchestrator import event_log, tables
from services.orchestrator.mark import Mark
from services.orchestrator.migration import sql
from services.orchestrator.projection import PROJECTIONS, Row, split

SCRATCH = "replay"
_HELD_ROWS = 20_000

Progress = Callable[[int, int], None]
"""Called with how many events were folded, and how many there are."""


class ReplayReport(Struct, frozen=True, kw_only=True):
    """
    What a replay found.

    Attributes:
        events: How many events were folded.
        differing_rows: By table, how many rows are not byte-equal: present in only one of the two, or other.
    """

    events: int
    differing_rows: dict[str, int]

    @property
    def tables(self) -> dict[str, bool]:
        """By table, whether it is byte-equal."""
        return {name: count == 0 for name, count in self.differing_rows.items()}

    @property
    def holds(self) -> bool:
        """Whether every projection is what the log says."""
        return not any(self.differing_rows.values())


async def replay(database_url: str, on_progress: Progress) -> ReplayReport:
    """
    Fold the whole log in a scratch schema and compare; the database is left as it was.

    Everything happens in one snapshot, so it may run beside a working orchestrator.

    Raises:
        UnavailableError: Postgres does not answer.
        ConfigError: It does not let us in.
        ValueError: An event can't be decoded, or can't stand where it stands: replay is strict.
    """
    conn = await connect(database_url)
    try:
        with translated():
            await conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await _make_scratch(conn)
            events = await _fold_all(conn, on_progress)
            return ReplayReport(events=events, differing_rows=await _compare(conn))
    finally:
        await conn.close()  # without a COMMIT: nothing of this was ever there


async def _make_scratch(conn: Connection) -> None:
    await conn.execute(f"CREATE SCHEMA {SCRATCH}; SET LOCAL search_path TO {SCRATCH}")
    await conn.execute(sql("projections.sql"))
    await conn.execute("SET LOCAL search_path TO public")


async def _fold_all(conn: Connection, on_progress: Progress) -> int:
    """Fold with bounded memory: when too many rows are held, they are written and read again when needed."""
    head = (await event_log.head(conn)).position
    held: dict[str, Row] = {}
    count = 0
    async for record in event_log.read_all(conn, head):
        row = held.get(record.stream)
        if row is None:
            row = await tables.load(conn, *split(record.stream), schema=SCRATCH)
        held[record.stream] = fold(row, record)
        count += 1
        if len(held) >= _HELD_ROWS:
            await _write(conn, held)
            held.clear()
        if count % 1000 == 0:
            on_progress(count, head)
    await _write(conn, held)
    on_progress(count, head)
    return count


def fold(row: Row, record: Recorded) -> Row:
    """A row after an event; raises ``ValueError`` when the event can't be the next one of its stream."""
    if record.version != row.version + 1:
        raise ValueError(f"{record.stream} goes from version {row.version} to {record.version}")
    kind, _ = split(record.stream)
    if not isinstance(record.event, PROJECTIONS[kind].events):
        raise ValueError(f"{type(record.event).__name__} stands in {record.stream}")  # noqa: TRY004
    mark = Mark(position=record.position, at=record.at)
    return Row(version=record.version, state=PROJECTIONS[kind].evolve(row.state, record.event, mark))


async def _write(conn: Connection, held: dict[str, Row]) -> None:
    for kind in PROJECTIONS:
        rows = [
            tables.record(kind, split(stream)[1], row)
            for stream, row in held.items()
            if split(stream)[0] == kind
        ]
        if rows:
            await conn.executemany(tables.upsert(kind, SCRATCH), rows)


async def _compare(conn: Connection) -> dict[str, int]:
    return {
        kind: int(
            await conn.fetchval(
                f"SELECT count(DISTINCT id) FROM ("  # noqa: S608  names are our own
                f"(TABLE projection.{kind} EXCEPT ALL TABLE {SCRATCH}.{kind}) UNION ALL "
                f"(TABLE {SCRATCH}.{kind} EXCEPT ALL TABLE projection.{kind})) AS differing"
            )
        )
        for kind in PROJECTIONS
    }
