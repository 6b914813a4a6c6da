"""A SOCKS server that is told what to answer, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.tunnel.errors import TunnelDownError
from tests.integration.tunnel.running import scripted

GRANTED = 0x00
SILENCE = -1
HANGS_UP = -2
_BOUND = b"\x00\x01\x00\x00\x00\x00\x00\x00"  # reserved, IPv4, 0.0.0.0:0


@dataclass(frozen=True)
class Asked:
    """One connection's request."""

    methods: bytes
    user: str
    password: str
    is_name: bool
    host: str
    port: int


@dataclass
class Life:
    """A generation that tests change."""

    generation: int = 1


@dataclass
class SocksServer:
    """
    Stands in for ``anon``: takes connections to hidden services to *backend_port* here.

    Attributes:
        code: What it answers; ``SILENCE`` for nothing at all.
        is_up: Whether the tunnel is thought to be up.
        asked: What it was asked for, in order.
    """

    backend_port: int = 0
    code: int = GRANTED
    is_up: bool = True
    port: int = 0
    life: Life = field(default_factory=Life)
    asked: list[Asked] = field(default_factory=list)

    @property
    def socks(self) -> tuple[str, int]:
        """As ``Anon.socks``."""
        if not self.is_up:
            raise TunnelDownError
        return "127.0.0.1", self.port

    def users(self) -> list[str]:
        """By whom connections were asked for."""
        return [one.user for one in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Treat one connection."""
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        user = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        writer.write(b"\x01\x00")
        kind = (await reader.readexactly(4))[3]
        size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        host = await reader.readexactly(size)
        port = int.from_bytes(await reader.readexactly(2))
        name = host.decode() if kind == 3 else host.hex()
        self.asked.append(Asked(methods, user, password, kind == 3, name, port))
        if self.code == SILENCE:
            await asyncio.Event().wait()
        if self.code == HANGS_UP:
            return
        writer.write(bytes([5, self.code]) + _BOUND)
        if self.code == GRANTED:
            there, back = await asyncio.open_connection("127.0.0.1", self.backend_port)
            try:
                await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
            finally:
                back.transport.abort()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.write_eof()


@asynccontextmanager
async def socks_server(backend_port: int = 0, *, code: int = GRANTED) -> AsyncGenerator[SocksServer]:
    """A server while the block runs."""
    server = SocksServer(backend_port, code)
    async with scripted(server.serve) as port:
        server.port = port
        yield server
