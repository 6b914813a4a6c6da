"""What stands for the network here: a SOCKS port that is told what to make of each request."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from services.tunnel.errors import TunnelDownError

SUCCEEDED, UNREACHABLE = 0, 4
_ANSWER = b"\x05%c\x00\x01\x00\x00\x00\x00\x00\x00"


@dataclass(frozen=True)
class Asked:
    """One request at the SOCKS port."""

    user: str
    password: str
    host: str
    port: int


@dataclass
class Exit:
    """
    The network's other end.

    Attributes:
        leads_to: The port on this machine to which every request leads.
        reply: What is answered instead, if it is not ``SUCCEEDED``.
        asked: What was asked so far.
        is_up: Whether ``anon`` is.
        generation: Of its circuits.
        port: Of its SOCKS port.
        open: The connections there so far.
    """

    leads_to: int
    reply: int = SUCCEEDED
    asked: list[Asked] = field(default_factory=list)
    is_up: bool = True
    generation: int = 1
    port: int = 0
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    def break_off(self) -> None:
        """Reset every connection to the SOCKS port."""
        for writer in self.open:
            if writer.is_closing():
                continue
            ours = writer.get_extra_info("socket")
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    @property
    def life(self) -> Exit:
        """Its own."""
        return self

    @property
    def socks(self) -> tuple[str, int]:
        """As ``Anon.socks``."""
        if not self.is_up:
            raise TunnelDownError("anon is not up")
        return "127.0.0.1", self.port


@asynccontextmanager
async def exit_to(port: int) -> AsyncGenerator[Exit]:
    """A network whose every exit is at *port* of this machine."""
    exits = Exit(port)
    relaying: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relaying.add(asyncio.ensure_future(_serve(exits, reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    exits.port = server.sockets[0].getsockname()[1]
    try:
        async with server:
            yield exits
    finally:
        for task in relaying:
            task.cancel()
        await asyncio.gather(*relaying, return_exceptions=True)


async def _serve(exits: Exit, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    far: asyncio.StreamWriter | None = None
    try:
        asked = await _greeted(reader, writer)
        exits.asked.append(asked)
        exits.open.append(writer)
        writer.write(_ANSWER % exits.reply)
        if exits.reply == SUCCEEDED:
            far_reader, far = await asyncio.open_connection("127.0.0.1", exits.leads_to)
            await asyncio.gather(_copy(reader, far), _copy(far_reader, writer))
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        for one in (writer, far):
            if one is not None:
                one.close()


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    methods = await reader.readexactly((await reader.readexactly(2))[1])
    assert 2 in methods, "asked without the credentials that isolate"
    writer.write(b"\x05\x02")
    user = await reader.readexactly((await reader.readexactly(2))[1])
    password = await reader.readexactly((await reader.readexactly(1))[0])
    writer.write(b"\x01\x00")
    kind = (await reader.readexactly(4))[3]
    sizes: dict[int, Callable[[], Awaitable[str]]] = {
        1: lambda: _address(reader, 4), 3: lambda: _name(reader), 4: lambda: _address(reader, 16)
    }  # fmt: skip
    host = await sizes[kind]()
    return Asked(user.decode(), password.decode(), host, int.from_bytes(await reader.readexactly(2), "big"))


async def _name(reader: asyncio.StreamReader) -> str:
    return (await reader.readexactly((await reader.readexactly(1))[0])).decode()


async def _address(reader: asyncio.StreamReader, size_bytes: int) -> str:
    return ".".join(map(str, await reader.readexactly(size_bytes)))


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await source.read(65536):
        sink.write(chunk)
        await sink.drain()
    with suppress(OSError):
        sink.write_eof()
