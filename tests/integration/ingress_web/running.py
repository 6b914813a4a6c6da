"""The web chat's own ``main``, in the test's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from services.common.run import StoppedError
from services.devstack.ports import HOST, free_port
from services.ingress.web.main import main
from tests.servers import eventually


class Running:
    """The service, and how to stop it."""

    def __init__(self, nats_url: str, key_file: Path, **more: str) -> None:
        port, health_port = free_port(), free_port()
        environ = {
            "NATS_URL": nats_url,
            "DARKROOM_KEY_FILE": str(key_file),
            "DARKROOM_WEB_PORT": str(port),
            "HEALTH_PORT": str(health_port),
            **more,
        }
        self.stopping = asyncio.Event()
        self.url = f"http://{HOST}:{port}"
        self._ready_url = f"http://{HOST}:{health_port}/readyz"
        self.task = asyncio.create_task(main(environ, self.stopping))

    @classmethod
    @asynccontextmanager
    async def started(cls, nats_url: str, key_file: Path, **more: str) -> AsyncGenerator[Running]:
        """The service while the block runs, its page being served."""
        running = cls(nats_url, key_file, **more)
        try:
            await eventually(running._serves)
            yield running
        finally:
            running.stopping.set()
            with suppress(StoppedError):
                await running.task

    async def readiness(self) -> dict[str, str]:
        """What ``/readyz`` says is missing."""
        async with aiohttp.ClientSession() as http, http.get(self._ready_url) as response:
            return (await response.json())["failing"]

    async def until_ready(self) -> None:
        """Wait until nothing is missing."""

        async def ready() -> bool:
            return not await self.readiness()

        await eventually(ready)

    async def _serves(self) -> bool:
        if self.task.done():
            self.task.result()
        try:
            async with aiohttp.ClientSession() as http, http.get(self.url) as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False
