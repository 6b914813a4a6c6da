"""The orchestrator's tasks: INBOX, the relay, the clock, and the questions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import structlog
from nats.aio.msg import Msg

from schemas import codec, subjects
from services.common import streams
from services.common.bus import Bus
from services.common.consumer import consume
from services.common.db import Pool, connection, transaction
from services.common.errors import RetryableError
from services.common.inbox import forget_old
from services.common.keys import Keyring
from services.common.run import until
from services.orchestrator import queries, transport
from services.orchestrator.inbox import SOURCE, Inbox
from services.orchestrator.relay import Relay

_POLL_S = 0.5
_TICK_S = 0.5
_LOOK_S = 15.0


def now() -> datetime:
    """The clock, in UTC, which everything pure gets handed."""
    return datetime.now(UTC)


async def serve(
    pool: Pool, bus: Bus, keyring: Keyring, *, max_open_jobs: int, replicas: int, stopping: asyncio.Event
) -> None:
    """Run until *stopping*; everything that was decided by then is in the log."""
    woken = asyncio.Event()
    inbox = Inbox(pool, keyring, max_open_jobs=max_open_jobs, clock=now, wake=woken.set)
    relay = Relay(pool, bus, keyring, now)

    async def ask(message: Msg) -> None:
        await _reply(message, pool, keyring)

    for kind in ("channel", "renderer"):
        await bus.subscribe(subjects.query(kind), ask, queue="orchestrator")
    async with asyncio.TaskGroup() as group:
        group.create_task(consume(bus, SOURCE, inbox.take, stopping))
        group.create_task(_relaying(relay, woken, stopping))
        group.create_task(_every(_TICK_S, inbox.tick, stopping))
        group.create_task(_every(_LOOK_S, lambda: _look(pool, bus, relay, replicas), stopping, at_once=True))


async def _relaying(relay: Relay, woken: asyncio.Event, stopping: asyncio.Event) -> None:
    logger = structlog.get_logger()
    while not stopping.is_set():
        woken.clear()
        try:
            while await relay.advance():
                pass
        except RetryableError as exc:
            logger.warning("relay waits", code=exc.code, reason=str(exc))
            await until(stopping, _POLL_S)
            continue
        waiting = {asyncio.ensure_future(woken.wait()), asyncio.ensure_future(stopping.wait())}
        _, pending = await asyncio.wait(waiting, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


async def _every(
    seconds: float, do: Callable[[], Awaitable[None]], stopping: asyncio.Event, *, at_once: bool = False
) -> None:
    logger = structlog.get_logger()
    if not at_once and await until(stopping, seconds):
        return
    while True:
        try:
            await do()
        except RetryableError as exc:
            logger.warning("waits", code=exc.code, reason=str(exc))
        if await until(stopping, seconds):
            return


async def _look(pool: Pool, bus: Bus, relay: Relay, replicas: int) -> None:
    """Declare the streams again in case NATS lost them, and send again what was lost with them."""
    await streams.declare(bus, replicas=replicas)
    async with transaction(pool) as conn:
        await forget_old(conn)
        lost = await transport.emptied(conn, bus)
        due = await transport.unsettled(conn, now(), stale_s=0 if lost else transport.STALE_S)
        # In the transaction: the new streams are known only once everything was sent again.
        bucket = f"{now():%Y%m%d%H}{now().minute // 10}" if not lost else f"{now().timestamp()}"
        await relay.send_again(due, f"again-{bucket}")


async def _reply(message: Msg, pool: Pool, keyring: Keyring) -> None:
    logger = structlog.get_logger()
    try:
        question = codec.decode_query(message.data)
        async with connection(pool) as conn, conn.transaction():
            found = await queries.answer(conn, keyring, question, now())
    except (RetryableError, msgspec.DecodeError) as exc:
        # No answer is an answer: who asks sees a timeout and asks again.
        logger.warning("question not answered", reason=str(exc))
        return
    await message.respond(codec.encode(found))
