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


class Starting:
    """What a service waits for until it has started, for ``/readyz``."""

    def __init__(self) -> None:
        self._missing = "still starting"

    def waits_for(self, what: str, reason: str = "") -> None:
        """Say what is not there yet and, once that is known, why."""
        self._missing = f"waits for {what}" + (f" ({reason})" if reason else "")

    async def check(self) -> str:
        """What is missing; never empty, since whoever has started takes this check away."""
        return self._missing


async def patiently(
    what: str,
    make: Callable[[], Awaitable[T]],
    stopping: asyncio.Event,
    starting: Starting | None = None,
) -> T:
    """
    Call *make* until it no longer raises a ``RetryableError``; *starting* is told what it waits for.

    Raises:
        StoppedError: *stopping* was set first.
    """
    logger = structlog.get_logger()
    said = ""
    if starting is not None:
        starting.waits_for(what)
    while True:
        try:
            return await make()
        except RetryableError as exc:
            if starting is not None:
                starting.waits_for(what, str(exc))
            if said != exc.code:
                said = exc.code
                logger.warning("waits", missing=what, code=exc.code, reason=str(exc))
        if await until(stopping, _AGAIN_S):
            raise StoppedError(what)


async def connect_bus(
    url: str,
    name: str,
    stopping: asyncio.Event,
    *,
    await_streams: bool = True,
    echo: bool = True,
    starting: Starting | None = None,
) -> Bus:
    """Connect to NATS, and wait until the orchestrator has declared the streams; raises ``StoppedError``."""
    bus = await patiently("NATS", lambda: bus_module.connect(url, name, echo=echo), stopping, starting)
    if await_streams:
        await patiently("streams", lambda: streams.require(bus), stopping, starting)
    return bus
