"""An HTTP server of a channel's own, for people or for Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from services.common.errors import ConfigError

_FINISH_S = 8.0


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int, *, variables: str) -> AsyncGenerator[int]:
    """
    Serve *app* while the block runs; yields the port, which the system picks when *port* is 0.

    After the block nobody new is let in, and requests in hand get some seconds to be finished.

    Args:
        app: The application.
        host: An address of this machine.
        port: A free port there.
        variables: What the names of the two settings begin with, for whoever has to change them.

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
                f"Nothing can be served on {host} port {port}: {exc.strerror}. "
                f"Set {variables}_HOST and {variables}_PORT to what is free on this machine."
            ) from exc
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
