"""
The mirror: every event of the log, as it is sealed there, on EVENTS for whoever watches.

Nobody in Darkroom waits for it. So it follows the log at its own pace, a moment behind the relay, and
neither takes time when a person or a GPU waits nor holds anything up when it can't go on.
"""

from __future__ import annotations

from schemas import codec, subjects
from schemas.envelope import Recorded
from services.common.bus import Bus
from services.common.db import Pool, snapshot
from services.orchestrator import event_log
from services.orchestrator.sending import all_sent

_BATCH = 200

_LOCK = "SELECT pg_try_advisory_xact_lock(4740861539521040)"
_CHECKPOINT = "SELECT position FROM checkpoint WHERE reader = 'mirror'"
_ADVANCE = """
INSERT INTO checkpoint VALUES ('mirror', $1) ON CONFLICT (reader) DO UPDATE SET position = excluded.position
"""


class Mirror:
    """Copies the log to EVENTS; of several orchestrators one at a time."""

    def __init__(self, pool: Pool, bus: Bus) -> None:
        self._pool = pool
        self._bus = bus

    async def follow(self) -> None:
        """
        Copy what is new and remember how far that was.

        Raises:
            RetryableError: Postgres or NATS is away; nothing is remembered, so nothing is left out.
        """
        while await self._advanced():
            pass

    async def _advanced(self) -> bool:
        """Copy some; whether there may be more."""
        async with snapshot(self._pool, readonly=False) as conn:
            if not await conn.fetchval(_LOCK):
                return False
            after = await conn.fetchval(_CHECKPOINT) or 0
            recorded = await event_log.read(conn, after, _BATCH)
            if not recorded:
                return False
            await all_sent(self._copy(record) for record in recorded)
            await conn.execute(_ADVANCE, recorded[-1].position)
            return len(recorded) == _BATCH

    async def _copy(self, record: Recorded) -> None:
        subject = subjects.event(codec.event_type(record.event), record.stream)
        await self._bus.publish_bytes(subject, codec.encode(record), record.event_id)
