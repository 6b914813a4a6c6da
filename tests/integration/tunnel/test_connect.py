"""CONNECT for the Telegram adapter: bytes to the one place on the list, through the network or not at all."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from services.tunnel.anon_ways import anon_ways
from services.tunnel.authority import parse_allowed
from services.tunnel.connect import Connect
from services.tunnel.errors import ERROR_HEADER
from tests.integration.tunnel.exits import UNREACHABLE, Exit, exit_to
from tests.integration.tunnel.running import DEADLINE_S, Script, scripted, until

API = "bot.example:443"
OPEN = f"CONNECT {API} HTTP/1.1\r\nHost: {API}\r\n\r\n".encode()
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nServer: darkroom\r\n\r\n"
MIB = 1024 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Door:
    """A tunnel's CONNECT, and the network behind it."""

    def __init__(self, port: int, exits: Exit) -> None:
        self.port = port
        self.exits = exits
        self._writers: list[asyncio.StreamWriter] = []

    async def say(self, *parts: bytes) -> Streams:
        """A connection on which *parts* were said."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)
        for part in parts:
            writer.write(part)
            await writer.drain()
        return reader, writer

    async def opened(self) -> Streams:
        """A connection to the Bot API server."""
        reader, writer = await self.say(OPEN)
        assert ESTABLISHED == await asyncio.wait_for(reader.readexactly(len(ESTABLISHED)), DEADLINE_S)
        return reader, writer

    async def refused(self, *parts: bytes) -> tuple[int, str]:
        """Status and code of the refusal that *parts* meet, after which the connection ends."""
        reader, _ = await self.say(*parts)
        answer = await asyncio.wait_for(reader.read(), DEADLINE_S)
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        headers = dict(line.split(": ") for line in fields)
        assert str(len(body)) == headers["Content-Length"], "something follows the answer"
        assert msgspec.json.decode(body)["code"] == headers[ERROR_HEADER]
        return int(status.split()[1]), headers[ERROR_HEADER]

    def hang_up(self) -> None:
        """End what is still open."""
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def door_to(script: Script, *, idle_timeout_s: float = 20) -> AsyncGenerator[Door]:
    """A door, behind whose network each connection is treated by *script*."""
    async with scripted(script) as port, exit_to(port) as exits, anon_ways(exits, "anon", []) as ways:
        connect = Connect(ways, parse_allowed(API), idle_timeout_s=idle_timeout_s)
        async with connect.listening("127.0.0.1", 0) as bound:
            door = Door(bound, exits)
            try:
                yield door
            finally:
                door.hang_up()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say everything back, and end when the other end has."""
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


@pytest.fixture
async def door() -> AsyncGenerator[Door]:
    """A door to an echo."""
    async with door_to(echo) as door:
        yield door


async def test_bytes_pass_unchanged(door: Door) -> None:
    """Whatever they are; the network is given the name, not an address, and a key of its own."""
    reader, writer = await door.opened()
    said = bytes(range(256)) + b"CONNECT other.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01"
    writer.write(said)

    assert said == await asyncio.wait_for(reader.readexactly(len(said)), DEADLINE_S)
    (asked,) = door.exits.asked
    assert ("bot.example", 443) == (asked.host, asked.port)
    assert asked.password
    assert "telegram" not in asked.user


async def test_all_connections_share_a_circuit(door: Door) -> None:
    """One bot is one identity to Telegram anyway."""
    await door.opened()
    await door.opened()

    assert 1 == len({asked.user for asked in door.exits.asked})


@pytest.mark.parametrize(
    "target",
    ["other.example:443", "bot.example:80", "bot.example.:443", "x.bot.example:443", "bot.example.evil:443",
     "127.0.0.1:443", "localhost:443", "[::1]:443", "0:443", "bot.example:443@other.example:443",
     "other.example:443#bot.example:443", "http://bot.example:443"],
)  # fmt: skip
async def test_nothing_else_is_reached(door: Door, target: str) -> None:
    """Another host, another port, this machine, two places in one: the network is not even asked."""
    assert (403, "route-refused") == await door.refused(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    assert not door.exits.asked


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: bot.example:443\r\n\r\n",
        b"POST https://bot.example:443/bot1:a/getMe HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        OPEN[:-2] + b"Host: other.example:443\r\n\r\n",
        OPEN[:-2] + b"Content-Length: 3\r\n\r\nabc",
        OPEN[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\r\n\r\n" + OPEN,
        OPEN[:-2] + b"X: " + b"y" * 9000 + b"\r\n\r\n",
        OPEN[:-2] + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_plain_connect_is_refused(door: Door, head: bytes) -> None:
    """Nothing of it is passed on, and what stands behind it on the connection is never read as a request."""
    assert (403, "route-refused") == await door.refused(head + OPEN)
    assert not door.exits.asked


async def test_a_head_may_come_in_pieces(door: Door) -> None:
    """As TCP has it; what comes right behind it is the connection's."""
    reader, writer = await door.say(*(OPEN[at : at + 1] for at in range(len(OPEN))), b"early")
    writer.write_eof()

    assert ESTABLISHED + b"early" == await asyncio.wait_for(reader.read(), DEADLINE_S)


async def test_nothing_goes_out_while_the_network_is_down(door: Door) -> None:
    """The answer says so at once, and that it may work later."""
    door.exits.is_up = False

    assert (503, "tunnel-down") == await door.refused(OPEN)
    assert not door.exits.asked

    door.exits.is_up = True
    await door.opened()


async def test_a_place_that_is_not_reached_is_tried_by_another_circuit(door: Door) -> None:
    """The circuit may be what is dead."""
    door.exits.reply = UNREACHABLE

    assert (502, "backend-unreachable") == await door.refused(OPEN)
    await door.refused(OPEN)
    assert 2 == len({asked.user for asked in door.exits.asked})


async def test_the_end_of_one_direction_leaves_the_other_open() -> None:
    """Either way round; both ended, the connection is closed."""

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await reader.read()
        writer.write(said * 2)
        writer.write_eof()

    async with door_to(late) as door:
        reader, writer = await door.opened()
        writer.write(b"all")
        writer.write_eof()

        assert b"allall" == await asyncio.wait_for(reader.read(), DEADLINE_S)


async def test_the_far_ends_end_leaves_our_direction_open() -> None:
    """What is still being said arrives."""
    heard = bytearray()

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()
        heard.extend(await reader.read())

    async with door_to(early) as door:
        reader, writer = await door.opened()
        assert not await asyncio.wait_for(reader.read(), DEADLINE_S)
        writer.write(b"still")
        writer.write_eof()

        await until(lambda: bytes(heard) == b"still")


async def test_a_broken_connection_does_not_look_ended(door: Door) -> None:
    """A file that is cut short must not pass for whole."""
    reader, writer = await door.opened()
    writer.write(b"half")
    assert b"half" == await asyncio.wait_for(reader.readexactly(4), DEADLINE_S)
    door.exits.break_off()

    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), DEADLINE_S)


async def test_silence_ends_a_connection() -> None:
    """After the timeout and not before: what moves keeps it."""
    loop = asyncio.get_running_loop()
    async with door_to(echo, idle_timeout_s=1) as door:
        reader, writer = await door.opened()
        began = loop.time()
        while loop.time() < began + 1.5:
            writer.write(b".")
            assert b"." == await reader.readexactly(1)

        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), DEADLINE_S)
        assert loop.time() > began + 2.4


async def test_a_large_upload_to_a_slow_reader_takes_no_memory() -> None:
    """The sender waits: what is on the way is a few buffers, however much is sent."""
    taken, go_on = 0, asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        await go_on.wait()
        while chunk := await reader.read(65536):
            taken += len(chunk)

    async with door_to(slow) as door:
        _, writer = await door.opened()
        tracemalloc.start()
        try:
            swallowed = await until_stuck(writer)
            go_on.set()
            await send(writer, 100)
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        writer.write_eof()
        await until(lambda: taken == (swallowed + 100) * MIB)

    assert swallowed < 50
    assert peak_bytes < 16 * MIB


async def send(writer: asyncio.StreamWriter, size_mib: int) -> None:
    """Send so much, as fast as it is taken."""
    for _ in range(size_mib):
        await asyncio.wait_for(writer.drain(), DEADLINE_S)
        writer.write(bytes(MIB))


async def until_stuck(writer: asyncio.StreamWriter) -> int:
    """Send until nothing more is taken; returns how many MiB that was."""
    for sent in range(1, 100):
        writer.write(bytes(MIB))
        try:
            await asyncio.wait_for(writer.drain(), 1)
        except TimeoutError:
            return sent
    return 100


async def test_stopping_ends_connections() -> None:
    """None outlives the door, and no new one is taken."""
    async with door_to(echo) as door:
        reader, _ = await door.opened()
        port = door.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionResetError):
        assert not await asyncio.wait_for(reader.read(), DEADLINE_S)
