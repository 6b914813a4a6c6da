"""The tunnel's listening side: accepts connections for a proxy, and drains in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from services.common.errors import ConfigError
from services.tunnel.proxy import Proxy

_DRAIN_S = 20.0  # Kubernetes kills after 30 s
_CLOSE_S = 1.0


class Listener:
    """Serves a proxy at one address."""

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        self._proxy = proxy
        self._host = host
        self._port = port
        self._site: web.BaseSite | None = None

    async def missing(self) -> str:
        """Health check: empty while connections are accepted."""
        return "" if self._site else "the proxy does not listen"

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[int]:
        """
        Accept connections while the block runs; yields the port, which the system picks when asked for 0.

        At its end no new connection is accepted, WebSockets are closed with 1001, and other requests have
        20 s to finish.

        Raises:
            ConfigError: The address can't be listened at.
        """
        # The low-level server: an application's router would interpret paths before the allow-list sees them.
        server = web.Server(
            self._proxy.handle,
            handler_cancellation=True,  # a client that leaves takes its request to the backend with it
            auto_decompress=False,
            access_log=None,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_CLOSE_S)
        await runner.setup()
        try:
            site = self._made(runner)
            try:
                await site.start()
            except OSError as exc:
                raise ConfigError(self._trouble(exc)) from exc
            self._site = site
            yield self._bound(runner)
            self._site = None
            await site.stop()
            await self._drain()
        finally:
            self._site = None
            await runner.cleanup()

    def _made(self, runner: web.ServerRunner) -> web.BaseSite:
        return web.TCPSite(runner, self._host, self._port)

    def _bound(self, runner: web.ServerRunner) -> int:
        return int(runner.addresses[0][1])

    def _trouble(self, exc: OSError) -> str:
        return (
            f"TUNNEL_HOST={self._host} TUNNEL_PORT={self._port}: can't listen there "
            f"({exc.strerror}). Stop what does, or choose another port."
        )

    async def _drain(self) -> None:
        # Not left to the runner's clean-up: once that begins, aiohttp drops what still arrives of an upload.
        self._proxy.stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                await self._proxy.wait_idle()
