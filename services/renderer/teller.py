"""Progress to whoever watches, a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from msgspec.structs import replace

from schemas import subjects
from schemas.dispatch import RenderAttempt
from schemas.progress import Progress
from services.common.bus import Bus, BusDownError
from services.common.seal import seal
from services.renderer.ending import end
from services.renderer.graph import Graph
from services.renderer.meter import Meter, Reading
from services.renderer.thumbnail import thumbnail

_EVERY_S = 0.25
_PREVIEW_EVERY_S = 0.7


class Teller:
    """
    Tells one attempt's progress. What nobody hears is lost, and that is all right.

    Args:
        bus: Core NATS, of which nothing is stored.
        order: The attempt.
        graph: Names its nodes and says how much each weighs.
        key: The transport key: previews are sealed under it.
    """

    def __init__(self, bus: Bus, order: RenderAttempt, graph: Graph, key: bytes) -> None:
        self._bus = bus
        self._job_id = order.job_id
        self._subject = subjects.progress(order.channel, order.session_id, order.job_id)
        self._meter = Meter(graph)
        self._key = key
        self._progress = Progress(job_id=order.job_id, attempt=order.attempt, stage="")
        self._clock = asyncio.get_running_loop().time
        self._told_at = self._shown_at = float("-inf")
        self._showing: asyncio.Task[None] | None = None

    async def stage(self, name: str, percent: float = 0.0) -> None:
        """A new stage, always told."""
        await self._tell(name, Reading(percent=percent))

    async def hear(self, event: str, data: dict[str, Any]) -> None:
        """An event of the prompt; told unless something was told just before. Last steps always are."""
        reading = self._meter.hear(event, data)
        if reading is not None and (reading.is_last_step or self._clock() - self._told_at >= _EVERY_S):
            await self._tell("rendering", reading)

    def show(self, picture: bytes) -> None:
        """A preview frame; passed over while another is prepared or was shown just before."""
        busy = self._showing is not None and not self._showing.done()
        if not busy and self._clock() - self._shown_at >= _PREVIEW_EVERY_S:
            self._shown_at = self._clock()
            self._showing = asyncio.create_task(self._show(picture))

    async def close(self) -> None:
        """No preview comes any more."""
        if self._showing is not None:
            await end(self._showing)

    async def _show(self, picture: bytes) -> None:
        small = await asyncio.to_thread(thumbnail, picture)
        # Too late: what is shown next is the picture itself.
        if small and self._progress.stage == "rendering":
            await self._send(replace(self._progress, preview=seal(self._key, small, self._job_id)))

    async def _tell(self, stage: str, reading: Reading) -> None:
        self._told_at = self._clock()
        self._progress = replace(
            self._progress,
            stage=stage,
            node=reading.node,
            step=reading.step,
            steps=reading.steps,
            percent=reading.percent,
        )
        await self._send(self._progress)

    async def _send(self, progress: Progress) -> None:
        with suppress(BusDownError):
            await self._bus.tell(self._subject, progress)


@asynccontextmanager
async def telling(bus: Bus, order: RenderAttempt, graph: Graph, key: bytes) -> AsyncGenerator[Teller]:
    """A teller; what it was about to show when the block ends is not shown."""
    teller = Teller(bus, order, graph, key)
    try:
        yield teller
    finally:
        await teller.close()
