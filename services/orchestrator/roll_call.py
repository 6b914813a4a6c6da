"""
Backends and processes of which nothing is heard any more: they are gone, and nobody else would tell.

When one was last heard of stands beside the log; only that it went silent becomes an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from schemas import subjects
from schemas.catalogue import BackendReport
from schemas.egress import Position
from schemas.events.egress import EgressInconclusive
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.db import Connection, Pool, snapshot
from services.orchestrator import backend, egress, gatekeeper, lookup
from services.orchestrator.egress import Egress, Finding
from services.orchestrator.ledger import Ledger
from services.orchestrator.lookup import backends
from services.orchestrator.mark import Append
from services.orchestrator.writer import Writer

SILENT = timedelta(seconds=30)
"""Three times the interval at which a renderer repeats its reports."""

REASON = "renderer-away"

_HEARD = """
INSERT INTO heard VALUES ($1, $2, $3)
ON CONFLICT (backend) DO UPDATE SET at = greatest(heard.at, excluded.at), queued = excluded.queued
"""


async def heard(conn: Connection, name: str, at: datetime, queued: int) -> None:
    """A renderer has reported on a backend, where *queued* prompts run or wait."""
    await conn.execute(_HEARD, name, at, queued)


class RollCall:
    """
    Finds the backends that went silent, and the processes that proved themselves and do so no more; any
    number of orchestrators may.

    Args:
        pool: The event log's database.
        writer: To the log.
        bus: Where the reports come from.
        durable: The consumer of INBOX that hears them.
        clock: Now. Silence counts from when this was made at the earliest.
    """

    def __init__(
        self, pool: Pool, writer: Writer, bus: Bus, durable: str, clock: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._bus = bus
        self._durable = durable
        self._clock = clock
        self._listening_since = clock()
        self._reconnections = bus.reconnections

    async def look(self) -> None:
        """
        Record that the silent ones are away.

        Raises:
            RetryableError: NATS or Postgres does not answer; nothing was recorded.
        """
        now = self._clock()
        if not self._bus.is_up or self._bus.reconnections != self._reconnections:
            # While we were deaf ourselves, nobody was silent.
            self._listening_since, self._reconnections = now, self._bus.reconnections
        before = now - SILENT
        if self._listening_since > before:
            return
        async with snapshot(self._pool) as conn:
            quiet = await _unproved(conn, await lookup.positions(conn), now)
            if not (quiet or await _silent(conn, before)) or await self._is_behind():
                return
        await self._writer.write(uuid4(), now, lambda ledger: _find_away(ledger, before))

    async def _is_behind(self) -> bool:
        """Whether INBOX holds messages that were not handled yet: reports may be among them."""
        try:
            info = await self._bus.jetstream.consumer_info(subjects.INBOX, self._durable)
        except BUS_ERRORS as exc:
            raise BusDownError(f"INBOX can't be looked at: {exc}") from exc
        return bool(info.num_pending or info.num_ack_pending)


async def _find_away(ledger: Ledger, before: datetime) -> None:
    for report in await _silent(ledger.conn, before):
        away = BackendReport(backend=report.backend, reachable=False, reason=REASON)
        known = await ledger.state(backend.Backend, backend.stream(report.backend))
        await ledger.record(backend.observe(away, known))
        structlog.get_logger().warning("backend", backend=report.backend, reason=REASON)

    for position, name, finding in await _unproved(ledger.conn, await ledger.rows.positions(), ledger.at):
        event = EgressInconclusive(process=UUID(name), mode=finding.mode, code=egress.SILENT)
        await ledger.record([Append(stream=egress.stream(position), event=event)])
        structlog.get_logger().warning("egress", position=position, code=egress.SILENT)


async def _unproved(
    conn: Connection, positions: Mapping[str, Egress], now: datetime
) -> list[tuple[Position, str, Finding]]:
    """Processes that are not heard of any more, with what they found last. A leak stays one."""
    found: list[tuple[Position, str, Finding]] = [
        (position, name, finding)
        for position in egress.POSITIONS
        if position in positions
        for name, finding in positions[position].processes.items()
        if finding.verdict != "leaked" and finding.code != egress.SILENT
    ]
    until = await gatekeeper.heard(conn) if found else {}
    return [one for one in found if one[1] not in until or until[one[1]].until <= now]


async def _silent(conn: Connection, before: datetime) -> list[BackendReport]:
    """Backends that were found to answer, but of which nothing was heard since *before*."""
    at = {row["backend"]: row["at"] for row in await conn.fetch("SELECT backend, at FROM heard")}
    return [
        one.report
        for one in await backends(conn)
        if one.report.reachable and (one.name not in at or at[one.name] < before)
    ]
