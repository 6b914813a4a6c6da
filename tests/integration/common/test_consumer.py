"""What JetStream does with a message after each way that handling can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from msgspec import structs
from nats.aio.msg import Msg

from schemas import subjects
from schemas.commands import ReportOutcomeShown
from services.common import consumer, streams
from services.common.bus import Bus, BusDownError, connect
from services.common.consumer import MAX_CRASHES, Handler, HandlerError, Source, consume
from services.common.errors import RejectedError, RetryableError
from tests.builders import JOB, uuid
from tests.servers import eventually

SOURCE = Source(stream=subjects.INBOX, durable="tester", subject="inbox.>", ack_wait_s=1.0)
BODY = ReportOutcomeShown(job_id=JOB)
WHERE = subjects.inbox_command(uuid(1))


@pytest.fixture
async def bus(nats_url: str) -> AsyncGenerator[Bus]:
    opened = await connect(nats_url, "tester")
    await streams.declare(opened, replicas=1)
    yield opened
    await opened.close()


async def pending(bus: Bus, stream: str = subjects.INBOX) -> int:
    """Messages that a stream holds."""
    return (await bus.jetstream.stream_info(stream)).state.messages


async def consume_until(
    bus: Bus, handle: Handler, *, inbox: int, parked: int = 0, gave_up: Handler | None = None
) -> None:
    """Run a consumer until the streams hold so many messages."""
    stopping = asyncio.Event()
    working = asyncio.ensure_future(consume(bus, SOURCE, handle, stopping, gave_up=gave_up))

    async def settled() -> bool:
        if working.done():
            await working
        return (inbox, parked) == (await pending(bus), await pending(bus, subjects.PARKED))

    try:
        await eventually(settled)
    finally:
        stopping.set()
        await asyncio.wait([working])


async def test_a_handled_message_is_gone(bus: Bus) -> None:
    """Acknowledged after the handler, it never comes again."""
    seen: list[Msg] = []
    await bus.publish(WHERE, BODY, uuid(10))

    async def handle(message: Msg) -> None:
        seen.append(message)

    await consume_until(bus, handle, inbox=0)
    assert 1 == len(seen)


async def test_the_same_id_is_kept_once(bus: Bus) -> None:
    """Publishing again after a lost acknowledgement makes no second message."""
    await bus.publish(WHERE, BODY, uuid(10))
    await bus.publish(WHERE, BODY, uuid(10))

    assert 1 == await pending(bus)


async def test_a_retryable_failure_comes_again(bus: Bus) -> None:
    """Until it succeeds, and it is never parked."""
    tries = 0
    await bus.publish(WHERE, BODY, uuid(10))

    async def handle(_: Msg) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise RetryableError("not yet")

    await consume_until(bus, handle, inbox=0)
    assert 4 == tries


async def test_a_rejected_message_is_parked_with_its_reason(bus: Bus) -> None:
    """It leaves its stream and waits for the operator, with where it was and why it left."""
    await bus.publish(WHERE, BODY, uuid(10))

    async def handle(_: Msg) -> None:
        raise RejectedError("no", code="undecodable")

    await consume_until(bus, handle, inbox=0, parked=1)
    found = await bus.jetstream.get_last_msg(subjects.PARKED, subjects.parked("inbox"))
    assert found.headers is not None
    assert ("undecodable", WHERE) == (found.headers["Darkroom-Reason"], found.headers["Darkroom-Subject"])


async def test_a_bug_brings_the_service_down_but_not_for_ever(bus: Bus) -> None:
    """The message comes again after each crash, and is parked when it has caused too many."""
    await bus.publish(WHERE, BODY, uuid(10))

    async def handle(_: Msg) -> None:
        raise ZeroDivisionError

    for _ in range(MAX_CRASHES - 1):
        with pytest.raises(ExceptionGroup):
            await consume_until(bus, handle, inbox=0, parked=1)
    await consume_until(bus, handle, inbox=0, parked=1)


async def test_who_waits_for_what_a_bug_parked_is_told_first(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And as long as that can't be, it is not parked: it comes again."""
    monkeypatch.setattr(consumer, "MAX_CRASHES", 1)
    await bus.publish(WHERE, BODY, uuid(10))
    told: list[str] = []

    async def handle(_: Msg) -> None:
        raise ZeroDivisionError

    async def gave_up(message: Msg) -> None:
        told.append(message.subject)
        if len(told) == 1:
            raise BusDownError("nobody there")

    with pytest.raises(ExceptionGroup):
        await consume_until(bus, handle, inbox=0, parked=1, gave_up=gave_up)
    assert (1, 0) == (await pending(bus), await pending(bus, subjects.PARKED))
    await consume_until(bus, handle, inbox=0, parked=1, gave_up=gave_up)
    assert [WHERE, WHERE] == told


async def test_a_long_handler_keeps_its_message(bus: Bus) -> None:
    """Heartbeats keep it from going to another member while it is worked on."""
    starts = 0
    await bus.publish(WHERE, BODY, uuid(10))
    loop = asyncio.get_running_loop()

    async def handle(_: Msg) -> None:
        nonlocal starts
        starts += 1
        until = loop.time() + 2.5 * SOURCE.ack_wait_s
        await eventually(lambda: asyncio.sleep(0, loop.time() > until))

    await consume_until(bus, handle, inbox=0)
    assert 1 == starts


async def test_a_publish_without_nats_is_refused_and_not_sent_later(bus: Bus) -> None:
    """What was refused stays refused: nothing is buffered until NATS is back."""
    await bus.close()

    with pytest.raises(BusDownError):
        await bus.publish(WHERE, BODY, uuid(10))


@pytest.mark.parametrize("error", [TimeoutError, OSError])
async def test_a_handlers_own_timeout_is_a_bug_too(bus: Bus, error: type[Exception]) -> None:
    """It is not taken for NATS being away, or the message would come for ever and nobody would know."""
    await bus.publish(WHERE, BODY, uuid(10))

    async def handle(_: Msg) -> None:
        raise error

    with pytest.raises(ExceptionGroup) as caught:
        await consume_until(bus, handle, inbox=0, parked=1)
    assert caught.group_contains(HandlerError)


async def test_in_order_nothing_overtakes_what_has_to_come_again(bus: Bus) -> None:
    """Whoever of several processes gets it: the next message waits until this one is done."""
    source = structs.replace(SOURCE, in_order=True)
    for number in range(4):
        await bus.publish(WHERE, BODY, uuid(10 + number))
    seen: list[str] = []
    tries = 0

    async def handle(message: Msg) -> None:
        nonlocal tries
        name = (message.headers or {})["Nats-Msg-Id"]
        if name == str(uuid(10)) and tries < 2:
            tries += 1
            raise RetryableError("not yet")
        seen.append(name)

    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(consume(bus, source, handle, stopping))
        await eventually(lambda: asyncio.sleep(0, len(seen) == 4))
        stopping.set()
    assert [str(uuid(10 + number)) for number in range(4)] == seen


async def test_a_connection_that_never_comes_back_ends_the_process(bus: Bus) -> None:
    """Only a new process makes another; one that lingered would look alive and do nothing."""
    stopping = asyncio.Event()
    working = asyncio.ensure_future(consume(bus, SOURCE, lambda _: asyncio.sleep(0), stopping))

    async def consuming() -> bool:
        return bool(await bus.jetstream.consumers_info(subjects.INBOX))

    await eventually(consuming)
    await bus.close()
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(working, 20)


async def test_a_stream_that_is_made_anew_is_consumed(bus: Bus) -> None:
    """NATS was emptied: the consumer makes itself again, and leaves no subscription behind each time."""
    seen: list[Msg] = []

    async def handle(message: Msg) -> None:
        seen.append(message)

    stopping = asyncio.Event()
    working = asyncio.ensure_future(consume(bus, SOURCE, handle, stopping))
    for number in range(3):
        await bus.jetstream.delete_stream(SOURCE.stream)
        await streams.declare(bus, replicas=1)
        await bus.publish(WHERE, BODY, uuid(20 + number))
        await eventually(lambda number=number: asyncio.sleep(0, len(seen) > number))
    stopping.set()
    await working
    assert 1 >= len(bus._client._subs)  # the one that requests are answered to
