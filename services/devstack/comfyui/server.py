"""A simulated ComfyUI on a real port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from .app import build_app
from .config import SimulatorConfig
from .core import Core
from .faults import Faults
from .runs import Runs

_SHUTDOWN_TIMEOUT_S = 0.5  # for requests under way; a test that throttles /view should not have to wait


class Simulator:
    """
    A running server.

    Attributes:
        url: Base URL, without a slash at its end.
        faults: What goes wrong; set fields at any time.
        runs: How often each prompt was worked on.
    """

    def __init__(self, core: Core, url: str) -> None:
        self._core = core
        self.url = url
        self.faults: Faults = core.faults
        self.runs: Runs = core.runs

    def drop_sockets(self) -> None:
        """Cut every WebSocket now; clients may come back."""
        self._core.hub.drop_all()

    async def restart(self) -> None:
        """Lose queue, history, cache and sockets, as a server that crashed and came back; files stay."""
        await self._core.restart()


@asynccontextmanager
async def running_simulator(config: SimulatorConfig) -> AsyncGenerator[Simulator]:
    """
    Serve until the block ends.

    Raises:
        OSError: The port is taken, or `base_dir` cannot be written.
        ValueError: `without` names a model file that no workflow has.
    """
    core = await asyncio.to_thread(Core, config)
    runner = web.AppRunner(build_app(core), access_log=None, shutdown_timeout=_SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    try:
        listener = _listener(config.host, config.port)
        await web.SockSite(runner, listener).start()
        core.start()
        port: int = listener.getsockname()[1]
        yield Simulator(core, f"http://{config.host}:{port}")
    finally:
        await core.stop()
        await runner.cleanup()


def _listener(host: str, port: int) -> socket.socket:
    """Bound here and not by aiohttp, so that the port the system picked is known at once."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
