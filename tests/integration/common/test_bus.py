"""The connection: what it does not carry, and its end."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.msg import Msg

from schemas import subjects
from services.common import streams
from services.common.bus import MAX_MESSAGE_BYTES, Bus, BusDownError, TooLargeError, connect
from tests.builders import uuid
from tests.servers import NatsServer, eventually

LONGEST_S = 6.0
"""A process that is stopped has ten seconds, and more to do in them than this."""


async def test_a_message_that_nobody_took_does_not_hold_up_the_end(nats: NatsServer) -> None:
    """It stays on its stream; waiting for someone to take it would be waiting for ever."""
    bus = await connect(nats.url, "tester")
    await streams.declare(bus, replicas=1)
    await bus.jetstream.subscribe("inbox.>", stream=subjects.INBOX, manual_ack=True)
    await bus.publish("inbox.command.someone", "a message", uuid(1))

    await ends_in_time(bus)


async def test_a_server_that_stands_still_does_not_hold_up_the_end(nats: NatsServer) -> None:
    """It takes bytes and never answers."""
    bus = await connect(nats.url, "tester")
    with nats.frozen():
        await ends_in_time(bus)


async def test_a_question_that_is_too_large_is_refused(nats: NatsServer) -> None:
    """Sent, the server would close the connection, and with it everything else that is under way."""
    bus = await connect(nats.url, "tester")
    with pytest.raises(TooLargeError):
        await bus.request("query.study", "x" * MAX_MESSAGE_BYTES)

    assert bus.is_up
    await bus.close()


async def test_without_echo_it_hears_others_only(nats: NatsServer) -> None:
    """Not what it publishes itself; what it asks is answered, also by nobody at once."""
    quiet, other = await connect(nats.url, "quiet", echo=False), await connect(nats.url, "other")
    heard: list[bytes] = []

    async def hear(message: Msg) -> None:
        heard.append(message.data)

    async def answer(message: Msg) -> None:
        await message.respond(b"an answer")

    await quiet.subscribe("said.here", hear)
    await other.subscribe("asked.there", answer)
    await other.request("$SYS.REQ.USER.INFO", None)  # the server knows of the subscription then
    await quiet.tell_bytes("said.here", b"mine")
    answered = await quiet.request("asked.there", None)
    await other.tell_bytes("said.here", b"theirs")

    async def theirs() -> list[bytes]:
        return heard

    assert [b"theirs"] == await eventually(theirs)
    assert b"an answer" == answered
    with pytest.raises(BusDownError, match="no responders"):
        await quiet.request("asked.nobody", None)
    await quiet.close()
    await other.close()


async def ends_in_time(bus: Bus) -> None:
    """Close, without cancelling it when it takes too long: nats-py would take that for the end."""
    closing = asyncio.ensure_future(bus.close())
    done, _ = await asyncio.wait({closing}, timeout=LONGEST_S)
    assert {closing} == done
    assert bus.is_closed
