"""The orchestrator's tasks: INBOX, the relay, the mirror, the clock, patience, upkeep, and the questions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from schemas import subjects
from schemas.egress import Mode
from services.common.bus import Bus
from services.common.consumer import consume
from services.common.db import Pool
from services.common.errors import RetryableError
from services.common.keys import Keyring
from services.common.run import until
from services.orchestrator.express import Express
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.inbox import SOURCE, Inbox
from services.orchestrator.inquiries import Inquiries
from services.orchestrator.limits import Limits
from services.orchestrator.mirror import Mirror
from services.orchestrator.patience import Patience
from services.orchestrator.recall import Recall
from services.orchestrator.relay import Relay
from services.orchestrator.roll_call import RollCall
from services.orchestrator.sent import Sent
from services.orchestrator.upkeep import Upkeep
from services.orchestrator.writer import Writer

_POLL_S = 0.5
_PACE_S = 0.05
_TICK_S = 0.5
_MIRROR_S = 0.5
_PATIENCE_S = 2.0
_ROLL_CALL_S = 2.0
_LOOK_S = 15.0
_SWEEP_S = 300.0


def now() -> datetime:
    """The clock, in UTC, which everything pure gets handed."""
    return datetime.now(UTC)


async def serve(
    pool: Pool,
    bus: Bus,
    keyring: Keyring,
    *,
    limits: Limits,
    mode: Mode,
    replicas: int,
    stopping: asyncio.Event,
    answering: Callable[[], None] = lambda: None,
) -> None:
    """
    Run until *stopping*; everything that was decided by then is in the log.

    Args:
        pool: The event log's database, migrated.
        bus: NATS, with the streams declared.
        keyring: The deployment's.
        limits: How much one person may have, and how long a job waits.
        mode: The way to backends, whose proof gates what is dispatched.
        replicas: Of each stream.
        stopping: Ends it.
        answering: Called once questions are answered.

    Raises:
        BusDownError: NATS went away before questions could be listened for.
        ExceptionGroup: A bug, or NATS closed the connection for good.
    """
    woken, recall, sent = asyncio.Event(), Recall(), Sent()
    writer, gatekeeper = Writer(pool, recall), Gatekeeper(mode, now)
    relay = Relay(pool, bus, keyring, now, writer=writer, sent=sent, gatekeeper=gatekeeper)
    mirror = Mirror(pool, bus)
    patience = Patience(
        pool,
        writer,
        gatekeeper,
        queue_patience_s=limits.queue_patience_s,
        clock=now,
        wake=woken.set,
    )
    roll_call = RollCall(pool, writer, bus, SOURCE.durable, now)
    upkeep = Upkeep(pool, bus, relay, clock=now, replicas=replicas)
    async with asyncio.TaskGroup() as group:
        express = Express(bus, sent, gatekeeper, now, group)
        inbox = Inbox(pool, keyring, writer, express, gatekeeper, limits=limits, clock=now, wake=woken.set)
        for kind in ("channel", "renderer"):
            inquiries = Inquiries(pool, keyring, recall, gatekeeper, group)
            listening = await bus.subscribe(subjects.query(kind), inquiries.take, queue="orchestrator")
            group.create_task(inquiries.until_stopped(listening, stopping))
        answering()
        group.create_task(consume(bus, SOURCE, inbox.take, stopping))
        group.create_task(_relaying(relay, woken, stopping))
        group.create_task(_every(_MIRROR_S, mirror.follow, stopping))
        group.create_task(_every(_TICK_S, inbox.tick, stopping))
        group.create_task(_every(_PATIENCE_S, patience.look, stopping))
        group.create_task(_every(_ROLL_CALL_S, roll_call.look, stopping))
        group.create_task(_every(_LOOK_S, upkeep.look, stopping, at_once=True))
        group.create_task(_every(_SWEEP_S, upkeep.sweep, stopping, at_once=True))


async def _relaying(relay: Relay, woken: asyncio.Event, stopping: asyncio.Event) -> None:
    logger, clock = structlog.get_logger(), asyncio.get_running_loop().time
    took_s = 0.0
    while not stopping.is_set():
        # What is urgent has gone already. The rest is sent as it stands a moment later, which is often less.
        await until(stopping, max(_PACE_S, took_s))
        woken.clear()
        began = clock()
        try:
            while await relay.advance() and not stopping.is_set():
                pass
            took_s = clock() - began
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
