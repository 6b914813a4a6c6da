"""The Telegram channel as it runs: its ``main`` in the test's event loop, or a process that can be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from services.common.run import StoppedError
from services.devstack.ports import HOST, free_port
from services.ingress.telegram.main import main
from tests.botapi.api import BotApi
from tests.servers import eventually


def environment(nats_url: str, key_file: Path, api: BotApi, allow: str = "*") -> dict[str, str]:
    """The service's variables."""
    return {
        "NATS_URL": nats_url,
        "DARKROOM_KEY_FILE": str(key_file),
        "DARKROOM_ALLOW": allow,
        "TELEGRAM_TOKEN": api.token,
        "TELEGRAM_API_URL": api.url,
        "HEALTH_PORT": str(free_port()),
    }


async def is_ready(environ: dict[str, str]) -> bool:
    """Whether ``/readyz`` says that nothing is missing."""
    url = f"http://{HOST}:{environ['HEALTH_PORT']}/readyz"
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


class Running:
    """The service, and how to stop it."""

    def __init__(self, nats_url: str, key_file: Path, api: BotApi, allow: str) -> None:
        environ = environment(nats_url, key_file, api, allow)
        self.stopping = asyncio.Event()
        self.task = asyncio.create_task(main(environ, self.stopping))
        self._environ = environ

    async def until_ready(self) -> None:
        """Wait until nothing is missing."""

        async def ready() -> bool:
            if self.task.done():
                self.task.result()
            return await is_ready(self._environ)

        await eventually(ready)

    async def stop(self) -> None:
        """As on SIGTERM."""
        self.stopping.set()
        with suppress(StoppedError):
            await self.task


@asynccontextmanager
async def running(nats_url: str, key_file: Path, api: BotApi, *, allow: str = "*") -> AsyncGenerator[Running]:
    """The service, ready, while the block runs."""
    service = Running(nats_url, key_file, api, allow)
    try:
        await service.until_ready()
        yield service
    finally:
        await service.stop()


@asynccontextmanager
async def process(nats_url: str, key_file: Path, api: BotApi) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The service as a process, ready; killed at the end of the block if it was not before."""
    environ = environment(nats_url, key_file, api)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.ingress", "telegram"),
        env={**os.environ, **environ},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: is_ready(environ))
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
