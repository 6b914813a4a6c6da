"""
Looking after the transport: NATS may lose what Postgres knows to be due.

That it lost its data is told by when its streams were made; then everything is sent again at once. Beside
that, what nobody answered for a long time is sent again now and then, for the messages that a power
failure may take.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.common import streams
from services.common.bus import Bus
from services.common.db import Pool, transaction
from services.orchestrator import transport
from services.orchestrator.relay import Relay

STALE_S = 600.0

# Far longer than a message can be on its way: streams hand out what they hold again within seconds.
_FORGET_CLAIMS = "DELETE FROM inbox WHERE claimed_at < now() - interval '30 days'"

_FORGET_PROCESSES = "DELETE FROM egress_heard WHERE until < now() - interval '1 day'"


class Upkeep:
    """Each method may be called by several orchestrators at once, and again after it failed."""

    def __init__(
        self, pool: Pool, bus: Bus, relay: Relay, *, clock: Callable[[], datetime], replicas: int
    ) -> None:
        self._pool = pool
        self._bus = bus
        self._relay = relay
        self._clock = clock
        self._replicas = replicas

    async def look(self) -> None:
        """Declare the streams again in case NATS lost them, and send again what was lost with them."""
        await streams.declare(self._bus, replicas=self._replicas)
        async with transaction(self._pool) as conn:
            if await transport.emptied(conn, self._bus):
                now = self._clock()
                due = await transport.unsettled(conn, now, stale_s=0)
                # In the transaction: the new streams are known only once everything was sent again.
                await self._relay.send_again(due, f"emptied-{now.timestamp()}")

    async def sweep(self) -> None:
        """Send again, once in ten minutes, what has not changed for ten minutes, and drop what is past."""
        now = self._clock()
        async with transaction(self._pool) as conn:
            await conn.execute(_FORGET_CLAIMS)
            await conn.execute(_FORGET_PROCESSES)
            due = await transport.unsettled(conn, now, stale_s=STALE_S)
        await self._relay.send_again(due, f"stale-{int(now.timestamp() // STALE_S)}")
