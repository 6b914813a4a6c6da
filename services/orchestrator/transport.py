"""
NATS is transport, Postgres the truth: what was in flight when NATS lost its data is sent again.

That it did is told by when its streams were made. Beside that, what nobody answered for a long time is
sent again now and then, for the messages that a power failure may take.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from schemas import subjects
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.db import Connection
from services.orchestrator import lookup
from services.orchestrator.effects import Due

STALE_S = 600

_KNOWN = "SELECT created FROM transport WHERE stream = $1"
_REMEMBER = """
INSERT INTO transport VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET created = excluded.created
"""


async def emptied(conn: Connection, bus: Bus) -> bool:
    """
    Whether a stream is another one than it was; from now on the present ones are the known ones.

    Raises:
        BusDownError: NATS does not answer.
    """
    lost = False
    for name in (subjects.RENDER, subjects.REPLIES):
        try:
            created = str((await bus.jetstream.stream_info(name)).created)
        except BUS_ERRORS as exc:
            raise BusDownError(f"stream {name} can't be looked at: {exc}") from exc
        known = await conn.fetchval(_KNOWN, name)
        await conn.execute(_REMEMBER, name, created)
        lost = lost or (known is not None and known != created)
    if lost:
        structlog.get_logger().warning("NATS lost its data: what was in flight is sent again")
    return lost


async def unsettled(conn: Connection, now: datetime, *, stale_s: float) -> Due:
    """Everything in flight or not yet shown that has not changed for *stale_s* seconds."""
    due = Due()
    since = now - timedelta(seconds=stale_s)
    for job_id, job in await lookup.open_jobs(conn):
        if job.changed_at <= since:
            due.jobs[job_id] = None
            if job.status in {"dispatched", "running"}:
                due.attempts[job_id] = None
            elif job.status == "cancelling":
                due.cancels[job_id] = None
    for job_id, job in await lookup.due_jobs(conn):
        if job.changed_at <= since:
            due.jobs[job_id] = None
    for entry_id, answer in await lookup.due_answers(conn):
        if answer.at <= since:
            due.answers[entry_id] = None
    return due
