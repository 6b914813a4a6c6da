"""A tunnel in this process, and backends of any behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from services.common.health import serving_app
from services.tunnel.backends import parse_backends
from services.tunnel.listener import Listener
from services.tunnel.own_routes import OwnRoutes
from services.tunnel.proxy import Named, Proxy
from services.tunnel.stall import Idle
from services.tunnel.ways import direct_ways

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

DEADLINE_S = 5.0
CONNECT_TIMEOUT_S = 0.5


@asynccontextmanager
async def tunnel_to(
    port: int, *, host: str = "127.0.0.1", idle_timeout_s: float = 10, heartbeat_s: float = 20
) -> AsyncGenerator[str]:
    """A tunnel whose backend ``one`` is at *port*; yields the URL under which it offers it."""
    backends = parse_backends(f"one=http://{host}:{port}")
    idle = Idle(answer_s=idle_timeout_s, upload_s=idle_timeout_s, body_s=idle_timeout_s)
    async with direct_ways(connect_timeout_s=CONNECT_TIMEOUT_S) as ways:
        proxy = Proxy(
            Named(backends), ways, own=OwnRoutes("direct", backends), idle=idle, heartbeat_s=heartbeat_s
        )
        async with Listener(proxy, "127.0.0.1", 0).listening() as bound:
            yield f"http://127.0.0.1:{bound}/one"


@asynccontextmanager
async def backend(handler: Handler) -> AsyncGenerator[int]:
    """An HTTP backend that answers everything with *handler*; yields its port."""
    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", handler)
    async with serving_app(app, "127.0.0.1", 0) as port:
        yield port


@asynccontextmanager
async def scripted(script: Script) -> AsyncGenerator[int]:
    """A backend that treats each connection by *script*, byte for byte; yields its port."""
    playing: set[asyncio.Task[None]] = set()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except ConnectionError:
            pass  # the tunnel hung up, which is often the point
        finally:
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        playing.add(asyncio.ensure_future(play(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        async with server:
            yield int(server.sockets[0].getsockname()[1])
    finally:
        # A script that waits for ever ends with its server.
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)


@asynccontextmanager
async def tunnel_to_backend(handler: Handler, *, idle_timeout_s: float = 10) -> AsyncGenerator[str]:
    """Both at once; yields the tunnel's URL."""
    async with backend(handler) as port, tunnel_to(port, idle_timeout_s=idle_timeout_s) as url:
        yield url


@asynccontextmanager
async def tunnel_to_script(script: Script, *, idle_timeout_s: float = 10) -> AsyncGenerator[str]:
    """Both at once; yields the tunnel's URL."""
    async with scripted(script) as port, tunnel_to(port, idle_timeout_s=idle_timeout_s) as url:
        yield url


async def until(true: Callable[[], bool]) -> None:
    """Wait until *true* holds; a ``TimeoutError`` when that takes too long."""
    async with asyncio.timeout(DEADLINE_S):
        while not true():  # noqa: ASYNC110 - what is waited for happens in code without events
            await asyncio.sleep(0.01)


async def until_steady(value: Callable[[], int]) -> int:
    """Wait until *value* has not changed for a while; returns it."""
    last, same = value(), 0
    async with asyncio.timeout(DEADLINE_S):
        while same < 10:
            await asyncio.sleep(0.02)
            same, last = (same + 1, last) if value() == last else (0, value())
    return last
