"""What is known of NATS, and what would have to be sent again if it lost everything."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from schemas import subjects
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.db import Connection
from services.orchestrator import lookup
from services.orchestrator.effects import Due

_LOCK = "SELECT pg_try_advisory_xact_lock(4740861539521039)"
_KNOWN = "SELECT created FROM transport WHERE stream = $1"
_REMEMBER = """
INSERT INTO transport VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET created = excluded.created
"""


async def emptied(conn: Connection, bus: Bus) -> bool:
    """
    Whether a stream is another one than it was; with *conn*'s commit the present ones are the known ones.

    Of several orchestrators one finds it, and the others are told that all is well.

    Raises:
        BusDownError: NATS does not answer.
    """
    if not await conn.fetchval(_LOCK):
        return False
    lost = False
    for name in (subjects.INBOX, subjects.RENDER, subjects.REPLIES):
        try:
            created = str((await bus.jetstream.stream_info(name)).created)
        except BUS_ERRORS as exc:
            raise BusDownError(f"stream {name} can't be looked at: {exc}") from exc
        known = await conn.fetchval(_KNOWN, name)
        if known != created:
            await conn.execute(_REMEMBER, name, created)
            lost = lost or known is not None
    if lost:
        structlog.get_logger().warning("NATS lost its data: what was in flight is sent again")
    return lost


async def unsettled(conn: Connection, now: datetime, *, stale_s: float) -> Due:
    """Everything in flight, in line or not yet shown that has not changed for *stale_s* seconds."""
    due = Due()
    since = now - timedelta(seconds=stale_s)
    for job_id, status in await lookup.stale_open_jobs(conn, since):
        due.jobs[job_id] = None
        if status in {"dispatched", "running"}:
            due.attempts[job_id] = None
        elif status == "cancelling":
            due.cancels[job_id] = None
    due.jobs.update(dict.fromkeys(await lookup.stale_due_jobs(conn, since)))
    due.answers.update(dict.fromkeys(await lookup.stale_due_answers(conn, since)))
    return due
