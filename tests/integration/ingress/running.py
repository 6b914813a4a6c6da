"""A channel's own ``main``, in the test's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Self

import aiohttp

from services.common.run import StoppedError
from services.devstack.ports import HOST
from tests.servers import eventually

Main = Callable[[Mapping[str, str], asyncio.Event], Awaitable[None]]


async def readiness(environ: Mapping[str, str]) -> dict[str, str]:
    """What ``/readyz`` of a channel with that environment says is missing."""
    url = f"http://{HOST}:{environ['HEALTH_PORT']}/readyz"
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return (await response.json())["failing"]
    except aiohttp.ClientConnectionError:
        return {"health": "no answer"}


async def until_ready(environ: Mapping[str, str]) -> None:
    """Wait until nothing is missing, however the channel was started."""

    async def ready() -> bool:
        return not await readiness(environ)

    await eventually(ready)


class Running:
    """
    The service while a block runs, whether it is ready or not.

    Attributes:
        environ: What it was started with.
        stopping: Set it as SIGTERM does.
        task: Its ``main``.
    """

    def __init__(self, main: Main, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.stopping = asyncio.Event()
        self.task: asyncio.Task[None] = asyncio.create_task(_run(main, environ, self.stopping))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopping.set()
        await self.task

    async def readiness(self) -> dict[str, str]:
        """What ``/readyz`` says is missing; raises what ended the service."""
        if self.task.done():
            self.task.result()
        return await readiness(self.environ)

    async def until_ready(self) -> None:
        """Wait until nothing is missing."""

        async def ready() -> bool:
            return not await self.readiness()

        await eventually(ready)


async def _run(main: Main, environ: Mapping[str, str], stopping: asyncio.Event) -> None:
    with suppress(StoppedError):
        await main(environ, stopping)
