"""Starting when what a service stands on is not there yet: say what is missing, wait, go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from services.common import bus as bus_module
from services.common import streams
from services.common.bus import Bus
from services.common.errors import RetryableError
from services.common.run import StoppedError, until

T = TypeVar("T")

_AGAIN_S = 0.25


async def patiently(what: str, make: Callable[[], Awaitable[T]], stopping: asyncio.Event) -> T:
    """
    Call *make* until it no longer raises a ``RetryableError``.

    Raises:
        StoppedError: *stopping* was set first.
    """
    logger = structlog.get_logger()
    said = ""
    while True:
        try:
            return await make()
        except RetryableError as exc:
            if said != exc.code:
                said = exc.code
                logger.warning("waits", missing=what, code=exc.code, reason=str(exc))
        if await until(stopping, _AGAIN_S):
            raise StoppedError(what)


async def connect_bus(url: str, name: str, stopping: asyncio.Event, *, await_streams: bool = True) -> Bus:
    """Connect to NATS, and wait until the orchestrator has declared the streams; raises ``StoppedError``."""
    bus = await patiently("NATS", lambda: bus_module.connect(url, name), stopping)
    if await_streams:
        await patiently("streams", lambda: streams.require(bus), stopping)
    return bus
