"""A tunnel for the channel, with a network that ends at the test's Bot API server, and traps beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from services.devstack.ports import HOST, free_port
from services.tunnel.anon_ways import anon_ways
from services.tunnel.authority import parse_allowed
from services.tunnel.connect import Connect
from tests.botapi.api import BotApi
from tests.integration.tunnel.exits import Exit, exit_to


class Trap:
    """An address at which something listens that nobody may connect to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.connections = 0

    def took(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody did."""
        self.connections += 1
        writer.transport.abort()


@asynccontextmanager
async def trap() -> AsyncGenerator[Trap]:
    """A trap while the block runs."""
    trap = Trap(free_port())
    async with await asyncio.start_server(trap.took, HOST, trap.port):
        yield trap


class Tunnel:
    """
    What the tunnel's program does for the channel.

    Attributes:
        api_url: The Bot API server's address as the channel is told. Directly, only a trap is there; the
            network's exits have the real one.
        direct: That trap.
        exits: The network.
    """

    def __init__(self, direct: Trap, exits: Exit) -> None:
        self.api_url = direct.url
        self.direct = direct
        self.exits = exits
        self._port = free_port()
        self._running = AsyncExitStack()

    @property
    def settings(self) -> dict[str, str]:
        """The channel's variables."""
        return {
            "DARKROOM_TELEGRAM_VIA": "tunnel",
            "TUNNEL_CONNECT_URL": f"http://{HOST}:{self._port}",
            "TELEGRAM_API_URL": self.api_url,
        }

    async def start(self) -> None:
        """Listen."""
        ways = await self._running.enter_async_context(anon_ways(self.exits, "anon", []))
        allowed = parse_allowed(urlsplit(self.api_url).netloc)
        connect = Connect(ways, allowed, idle_timeout_s=60)
        await self._running.enter_async_context(connect.listening(HOST, self._port))

    async def stop(self) -> None:
        """As if it had been killed: every connection is broken."""
        self.exits.break_off()
        await self._running.aclose()


@asynccontextmanager
async def tunnel_to(api: BotApi) -> AsyncGenerator[Tunnel]:
    """A tunnel to *api*, which is not started yet."""
    port = urlsplit(api.url).port
    assert port is not None
    async with trap() as direct, exit_to(port) as exits:
        tunnel = Tunnel(direct, exits)
        try:
            yield tunnel
        finally:
            await tunnel.stop()
