"""
The relay: tails the log and sends what it makes due. The log is the outbox.

It sends states, not steps: what is shown of a job is what holds when it is sent. After a crash between
sending and remembering it sends again, which is harmless: attempts have an id of their own, and a
channel shows an entry once however often it is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from schemas import codec, ids, subjects
from schemas.envelope import Recorded
from services.common.bus import Bus
from services.common.db import Connection, Pool, connection, transaction
from services.common.keys import Keyring
from services.orchestrator import event_log
from services.orchestrator.composer import Composer
from services.orchestrator.effects import Due, effects
from services.orchestrator.person_keys import ForgottenError

_BATCH = 200
_QUEUE_SHOWN = 20  # whose place is further back is told when they come nearer

_LOCK = "SELECT pg_try_advisory_xact_lock(4740861539521038)"
_CHECKPOINT = "SELECT position FROM checkpoint WHERE reader = 'relay'"
_ADVANCE = """
INSERT INTO checkpoint VALUES ('relay', $1) ON CONFLICT (reader) DO UPDATE SET position = excluded.position
"""


class Relay:
    """Sends what the log makes due; of several orchestrators one at a time."""

    def __init__(self, pool: Pool, bus: Bus, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._bus = bus
        self._keyring = keyring
        self._clock = clock

    async def advance(self) -> bool:
        """
        Send what the next events make due and remember how far that was.

        Returns:
            Whether there may be more.

        Raises:
            RetryableError: Postgres or NATS is away; nothing is remembered, so nothing is skipped.
        """
        async with transaction(self._pool) as conn:
            if not await conn.fetchval(_LOCK):
                return False
            after = await conn.fetchval(_CHECKPOINT) or 0
            recorded = await event_log.read(conn, after, _BATCH)
            if not recorded:
                return False
            await self._mirror(recorded)
            await self._send(conn, effects(recorded))
            await conn.execute(_ADVANCE, recorded[-1].position)
            return len(recorded) == _BATCH

    async def send_again(self, due: Due, tag: str) -> None:
        """Send what was sent before and may never have arrived; *tag* tells it from the first time."""
        async with connection(self._pool) as conn:
            await self._send(conn, due, tag)

    async def _send(self, conn: Connection, due: Due, tag: str = "") -> None:
        version = await event_log.head(conn)
        composer = Composer(conn, self._keyring, version=version, now=self._clock())
        for job_id in due.attempts:
            await self._attempt(composer, job_id, tag)
        for job_id in due.cancels:
            await self._cancel(composer, job_id, tag)
        shown = dict(due.jobs)
        if due.queue:
            waiting = [place for place in (await composer.queue()).values() if place.position > 0]
            shown |= {place.job_id: None for place in waiting[:_QUEUE_SHOWN]}
        for job_id in shown:
            await self._show_job(composer, job_id, f"{version}{tag}")
        for entry_id in due.answers:
            await self._show_answer(composer, entry_id, f"{version}{tag}")

    async def _attempt(self, composer: Composer, job_id: UUID, tag: str) -> None:
        job = await composer.job(job_id)
        if job is None or job.status not in {"dispatched", "running"}:
            return  # overtaken: it was cancelled or has ended meanwhile
        try:
            order = await composer.attempt(job_id, job)
        except ForgottenError:
            return
        name = ids.message_id("attempt", job_id, job.attempt, tag)
        await self._bus.publish(subjects.render_attempt(job.backend), order, name, at=self._clock())

    async def _cancel(self, composer: Composer, job_id: UUID, tag: str) -> None:
        job = await composer.job(job_id)
        if job is None or job.status != "cancelling":
            return
        name = ids.message_id("cancel", job_id, job.attempt, tag)
        order = composer.cancel(job_id, job)
        await self._bus.publish(subjects.render_cancel(job.backend), order, name, at=self._clock())

    async def _show_job(self, composer: Composer, job_id: UUID, tag: str) -> None:
        job = await composer.job(job_id)
        if job is None:
            return
        try:
            entry = await composer.job_entry(job_id, job)
        except ForgottenError:
            return
        where = subjects.reply(job.requested.channel, job.requested.session_id)
        await self._bus.publish(where, entry, ids.message_id("entry", job_id, tag), at=self._clock())

    async def _show_answer(self, composer: Composer, entry_id: UUID, tag: str) -> None:
        answer = await composer.answer(entry_id)
        if answer is None or answer.shown:
            return
        try:
            entry = await composer.answer_entry(entry_id, answer)
        except ForgottenError:
            return
        where = subjects.reply(answer.given.channel, answer.given.session_id)
        await self._bus.publish(where, entry, ids.message_id("entry", entry_id, tag), at=self._clock())

    async def _mirror(self, recorded: list[Recorded]) -> None:
        await asyncio.gather(
            *(
                self._bus.publish_bytes(
                    subjects.event(codec.event_type(record.event), record.stream),
                    codec.encode(record),
                    record.event_id,
                )
                for record in recorded
            )
        )
        structlog.get_logger().debug("mirrored", until=recorded[-1].position)
