"""The page's HTTP server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from services.common.errors import ConfigError

_FINISH_S = 8.0


@asynccontextmanager
async def serving_page(app: web.Application, host: str, port: int) -> AsyncGenerator[int]:
    """
    Serve *app* while the block runs; yields the port, which the system picks when *port* is 0.

    After the block nobody new is let in, and requests in hand get some seconds to be finished.

    Raises:
        ConfigError: The address is not this machine's, or the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FINISH_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as exc:
            raise ConfigError(
                f"The page can't be served on {host} port {port}: {exc.strerror}. "
                "Set DARKROOM_WEB_HOST and DARKROOM_WEB_PORT to what is free on this machine."
            ) from exc
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
