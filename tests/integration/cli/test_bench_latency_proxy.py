"""A line with a long way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from services.cli.bench.latency_proxy import far_away
from services.devstack.ports import HOST

ROUND_TRIP_S = 0.1


@pytest.fixture
async def echo() -> AsyncGenerator[int]:
    """The port of a server that says everything back, until its client has said all."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, HOST, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_everything_arrives_whole_and_in_order(echo: int) -> None:
    """However much there is of it, and the end after all of it."""
    sent = bytes(number % 251 for number in range(2_000_000))
    async with far_away(echo, round_trip_s=0.01) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(sent)
        writer.write_eof()
        received = await reader.read()
        writer.close()

    assert sent == received


async def test_nothing_is_nearer_than_it_should_be(echo: int) -> None:
    """A new connection's first answer takes two round trips, each later one takes one."""
    clock = asyncio.get_running_loop().time
    async with far_away(echo, round_trip_s=ROUND_TRIP_S) as port:
        began = clock()
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"1")
        await reader.readexactly(1)
        first_s = clock() - began
        began = clock()
        writer.write(b"2")
        await reader.readexactly(1)
        second_s = clock() - began
        writer.close()

    assert 2 * ROUND_TRIP_S <= first_s
    assert ROUND_TRIP_S <= second_s


async def test_what_is_on_the_way_does_not_wait_for_what_is_before_it(echo: int) -> None:
    """Ten messages sent at once are there after one way, not after ten."""
    async with far_away(echo, round_trip_s=1.0) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        async with asyncio.timeout(10):  # eleven ways would take longer
            for _ in range(10):
                writer.write(b"x")
                await asyncio.sleep(0)
            assert b"x" * 10 == await reader.readexactly(10)
        writer.close()


async def test_a_server_that_is_off_ends_the_connection() -> None:
    """As a tunnel to a host that is down does."""
    async with far_away(1, round_trip_s=0.01) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
