"""Telling the orchestrator what a canary found, until it is heard or overtaken by the next check."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from schemas import ids, subjects
from schemas.facts import EgressChecked
from services.common.bus import Bus
from services.common.canary.canary import Canary
from services.common.errors import RetryableError
from services.common.run import until

_AGAIN_S = 1.0


async def tell(canary: Canary, bus: Bus, stopping: asyncio.Event) -> None:
    """Publish each finding of *canary*, the newest only when NATS was away for several, until *stopping*."""
    said = ""
    ending = asyncio.ensure_future(stopping.wait())
    try:
        while not stopping.is_set():
            news = asyncio.ensure_future(canary.news.wait())
            await asyncio.wait({news, ending}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if stopping.is_set():
                return
            canary.news.clear()
            try:
                if canary.found is not None:
                    await _publish(bus, canary.found)
                said = ""
            except RetryableError as exc:
                canary.news.set()
                if said != exc.code:
                    said = exc.code
                    structlog.get_logger().warning("egress not told", code=exc.code, reason=str(exc))
                await until(stopping, _AGAIN_S)
    finally:
        ending.cancel()
        with suppress(asyncio.CancelledError):
            await ending


async def _publish(bus: Bus, found: EgressChecked) -> None:
    name = ids.message_id("egress", found.process, found.at.isoformat())
    await bus.publish(subjects.inbox_egress(found.position), found, name)
