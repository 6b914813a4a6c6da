"""
Durable consumers: handle, then acknowledge; what can't be handled is parked, never dropped.

The error decides: ``RetryableError`` comes again after a delay for as long as it takes,
``RejectedError`` is parked with its reason, anything else is a bug: the service falls and the message
comes again, until it has been delivered too often for that and is parked as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Literal

import structlog
from msgspec import Struct
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, Header

from schemas import ids, subjects
from services.common.bus import BUS_ERRORS, Bus
from services.common.errors import RejectedError, RetryableError
from services.common.run import until

MAX_CRASHES = 5
_FETCH_S = 5.0
_LOOK_S = 0.5
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)

Handler = Callable[[Msg], Awaitable[None]]


class HandlerError(Exception):
    """A handler raised what no handler should: a bug, which is its cause."""


class Source(Struct, frozen=True, kw_only=True):
    """
    What to consume and how.

    Attributes:
        stream: Stream on JetStream.
        durable: Name of the consumer: members of one name share its messages.
        subject: Filter within the stream.
        workers: How many messages are handled at once by one process.
        in_order: Of all processes together only one message is in hand at a time, and one that has to come
            again comes before the next.
        ack_wait_s: After so long without acknowledgement or heartbeat a message goes to another member.
    """

    stream: str
    durable: str
    subject: str
    workers: int = 1
    in_order: bool = False
    ack_wait_s: float = 8.0


async def consume(
    bus: Bus, source: Source, handle: Handler, stopping: asyncio.Event, *, gave_up: Handler | None = None
) -> None:
    """
    Consume *source* until *stopping*; what is in hand then is finished first.

    A handler that takes longer than the wait for its acknowledgement is kept alive by heartbeats.

    Args:
        bus: NATS.
        source: What to consume and how.
        handle: Handles one message.
        stopping: Ends it.
        gave_up: Told of a message that is about to be parked because *handle* has a bug, if somebody waits
            for what it asked for. Should it raise, the message comes again.

    Raises:
        ExceptionGroup: A handler has a bug, or NATS has closed the connection for good: the process has to
            fall, since only a new one gets another.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(source.workers):
            group.create_task(_work(bus, source, handle, stopping, gave_up))


async def _work(
    bus: Bus, source: Source, handle: Handler, stopping: asyncio.Event, gave_up: Handler | None
) -> None:
    logger = structlog.get_logger()
    ending = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            try:
                async with _pulling(bus, source) as pull:
                    while not stopping.is_set():
                        message = await _next(bus, pull, ending)
                        if message is not None:
                            await settle(bus, source, message, handle, gave_up)
            except BUS_ERRORS as exc:
                if bus.is_closed:
                    raise
                # NATS is away, or was emptied and the orchestrator has not declared the streams again yet.
                logger.warning("consumer waits", consumer=source.durable, reason=str(exc)[:200])
                await until(stopping, 0.5)
    finally:
        ending.cancel()


@asynccontextmanager
async def _pulling(bus: Bus, source: Source) -> AsyncGenerator[JetStreamContext.PullSubscription]:
    config = ConsumerConfig(
        durable_name=source.durable,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=source.ack_wait_s,
        max_deliver=-1,
        max_ack_pending=1 if source.in_order else max(source.workers * 4, 16),
    )
    pull = await bus.jetstream.pull_subscribe(
        source.subject, durable=source.durable, stream=source.stream, config=config
    )
    try:
        yield pull
    finally:
        with suppress(*BUS_ERRORS):  # the server forgets it with the connection
            await pull.unsubscribe()


async def _next(
    bus: Bus, pull: JetStreamContext.PullSubscription, ending: asyncio.Task[Literal[True]]
) -> Msg | None:
    """The next message, or nothing when there is none for a while or the service is to stop."""
    connection = bus.reconnections
    fetching = asyncio.ensure_future(pull.fetch(1, timeout=_FETCH_S))
    try:
        done: Collection[object] = ()
        # A request to a server that has gone is never answered: after a reconnection it is made again.
        while not done and connection == bus.reconnections:
            done, _ = await asyncio.wait(
                {fetching, ending}, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED
            )
        return fetching.result()[0] if fetching.done() else None
    except TimeoutError:
        return None
    finally:
        # Also when this very task is cancelled: a fetch left behind would take a message for nobody.
        if not fetching.done():
            fetching.cancel()
            await asyncio.wait({fetching})


async def settle(
    bus: Bus, source: Source, message: Msg, handle: Handler, gave_up: Handler | None = None
) -> None:
    """
    Handle one message and say to JetStream what became of it; *gave_up* as for ``consume``.

    Raises:
        HandlerError: The handler has a bug; the message comes again.
        NatsError, OSError, TimeoutError: JetStream was not told; the message comes again.
    """
    logger = structlog.get_logger()
    delivered = message.metadata.num_delivered
    try:
        async with _kept_alive(message, source.ack_wait_s / 3):
            await handle(message)
    except RejectedError as exc:
        logger.info("parked", consumer=source.durable, code=exc.code, reason=str(exc))
        await park(bus, source, message, exc.code)
    except RetryableError as exc:
        delay_s = _RETRY_S[min(delivered, len(_RETRY_S)) - 1]
        logger.warning(
            "comes again", consumer=source.durable, code=exc.code, reason=str(exc), delay_s=delay_s
        )
        await message.nak(delay=delay_s)
    except Exception as exc:
        if delivered < MAX_CRASHES:
            # Under a name of its own: a handler's TimeoutError is not the bus's.
            raise HandlerError(f"{source.durable} failed on {message.subject}") from exc
        logger.exception("parked", consumer=source.durable, code="bug", delivered=delivered)
        if gave_up is not None:
            await gave_up(message)
        await park(bus, source, message, "bug")
    else:
        await message.ack_sync()


async def park(bus: Bus, source: Source, message: Msg, reason: str) -> None:
    """Put a message aside for the operator, with its reason, and take it off its own stream."""
    sequence = message.metadata.sequence.stream
    headers = {
        **(message.headers or {}),
        Header.MSG_ID: str(ids.message_id("parked", source.stream, sequence)),
        "Darkroom-Subject": message.subject,
        subjects.REASON_HEADER: reason,
    }
    await bus.jetstream.publish(subjects.parked(source.stream.lower()), message.data, headers=headers)
    await message.ack_sync()


@asynccontextmanager
async def _kept_alive(message: Msg, every_s: float) -> AsyncGenerator[None]:
    async def beat() -> None:
        while True:
            with suppress(*BUS_ERRORS):  # while NATS is away; the next beat may come in time
                await message.in_progress()
            await asyncio.sleep(every_s)

    beating: list[asyncio.Task[None]] = []
    # Most are handled long before the first beat: those need no task for it.
    later = asyncio.get_running_loop().call_later(
        every_s, lambda: beating.append(asyncio.create_task(beat()))
    )
    try:
        yield
    finally:
        later.cancel()
        for task in beating:
            task.cancel()
