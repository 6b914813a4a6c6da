"""
The relay: tails the log and sends what it makes due. The log is the outbox.

It sends states, not steps: what is shown of a job is what holds when it is sent. After a crash between
sending and remembering it sends again, which is harmless: attempts have an id of their own, and a
channel shows an entry once however often it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from schemas import ids
from schemas.events.job import JobFailed
from services.common.bus import Bus
from services.common.db import Connection, Pool, snapshot
from services.common.keys import Keyring
from services.orchestrator import event_log, job
from services.orchestrator.composer import Composer
from services.orchestrator.effects import Due, effects
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.job import Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.mark import Append
from services.orchestrator.outgoing import Outgoing, entries, orders
from services.orchestrator.sending import all_sent
from services.orchestrator.sent import Sent
from services.orchestrator.writer import Writer

_BATCH = 200

_LOCK = "SELECT pg_try_advisory_xact_lock(4740861539521038)"
_CHECKPOINT = "SELECT position FROM checkpoint WHERE reader = 'relay'"
_ADVANCE = """
INSERT INTO checkpoint VALUES ('relay', $1) ON CONFLICT (reader) DO UPDATE SET position = excluded.position
"""


class Relay:
    """
    Sends what the log makes due; of several orchestrators one at a time.

    Args:
        pool: The event log's database.
        bus: NATS.
        keyring: The deployment's.
        clock: Now.
        writer: To the log, whose memory is used to compose, too.
        sent: What went out already, and is passed over.
        gatekeeper: Whether jobs may be dispatched.
    """

    def __init__(
        self,
        pool: Pool,
        bus: Bus,
        keyring: Keyring,
        clock: Callable[[], datetime],
        *,
        writer: Writer,
        sent: Sent,
        gatekeeper: Gatekeeper,
    ) -> None:
        self._pool = pool
        self._bus = bus
        self._keyring = keyring
        self._clock = clock
        self._writer = writer
        self._sent = sent
        self._gatekeeper = gatekeeper

    async def advance(self) -> bool:
        """
        Send what the next events make due and remember how far that was.

        Returns:
            Whether there may be more.

        Raises:
            RetryableError: Postgres or NATS is away; nothing is remembered, so nothing is skipped.
        """
        # One snapshot, for all that is read and for the checkpoint: had another relay moved that since,
        # writing it would fail, and everything be tried again. It holds nothing that others wait for, and
        # lasts as long as the slowest publish, since all are made at once.
        async with snapshot(self._pool, readonly=False) as conn:
            if not await conn.fetchval(_LOCK):
                return False
            after = await conn.fetchval(_CHECKPOINT) or 0
            recorded = await event_log.read(conn, after, _BATCH)
            if not recorded:
                return False
            composer = await self._composer(conn)
            await self._send(composer, effects(recorded))
            await conn.execute(_ADVANCE, recorded[-1].position)
            return len(recorded) == _BATCH

    async def send_again(self, due: Due, again: str) -> None:
        """Send what was sent before and may never have arrived; *again* names this repetition."""
        for part in due.parts(_BATCH):
            async with snapshot(self._pool) as reading:
                await self._send(await self._composer(reading), part, again)

    async def _composer(self, conn: Connection) -> Composer:
        return await Composer.of_snapshot(conn, self._keyring, self._writer.recall, self._gatekeeper)

    async def _send(self, composer: Composer, due: Due, again: str = "") -> None:
        renderers = await orders(composer, due, again)
        for job_id in renderers.unreadable:
            await self._give_up(job_id)
        # A GPU may be waiting for its order, so that goes first; the rest is composed while it is on its way.
        await all_sent([self._publish(renderers.messages, again), self._show(composer, due, again)])

    async def _show(self, composer: Composer, due: Due, again: str) -> None:
        await self._publish(await entries(composer, due, again), again)

    async def _publish(self, messages: Iterable[Outgoing], again: str) -> None:
        at = self._clock()
        await all_sent(
            self._bus.publish(one.subject, one.body, one.message_id, at=at)
            for one in messages
            if again or one.says not in self._sent
        )

    async def _give_up(self, job_id: UUID) -> None:
        """A job that no renderer can be told of must not take a slot for ever."""
        cause = ids.message_id("unreadable", job_id)

        async def give_up(ledger: Ledger) -> None:
            now = await ledger.state(Job, job.stream(job_id))
            if now is not None and not now.has_ended:
                failed = JobFailed(attempt=now.attempt, code="unreadable")
                await ledger.record([Append(stream=job.stream(job_id), event=failed)])

        await self._writer.write(cause, self._clock(), give_up)
