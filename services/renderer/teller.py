"""Progress to whoever watches, a few times a second."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from schemas import subjects
from schemas.dispatch import RenderAttempt
from schemas.progress import Progress
from services.common.bus import Bus, BusDownError
from services.renderer.graph import Graph
from services.renderer.meter import Meter, Reading

_EVERY_S = 0.25


class Teller:
    """Tells one attempt's progress. What nobody hears is lost, and that is all right."""

    def __init__(self, bus: Bus, order: RenderAttempt, graph: Graph) -> None:
        self._bus = bus
        self._order = order
        self._subject = subjects.progress(order.channel, order.session_id, order.job_id)
        self._meter = Meter(graph)
        self._told_at = float("-inf")

    async def stage(self, name: str, percent: float = 0.0) -> None:
        """A new stage, always told."""
        await self._tell(name, Reading(percent=percent))

    async def hear(self, event: str, data: dict[str, Any]) -> None:
        """An event of the prompt; told unless something was told just before. Last steps always are."""
        reading = self._meter.hear(event, data)
        if reading is None:
            return
        due = asyncio.get_running_loop().time() - self._told_at >= _EVERY_S
        if due or reading.is_last_step:
            await self._tell("rendering", reading)

    async def _tell(self, stage: str, reading: Reading) -> None:
        self._told_at = asyncio.get_running_loop().time()
        progress = Progress(
            job_id=self._order.job_id,
            attempt=self._order.attempt,
            stage=stage,
            node=reading.node,
            step=reading.step,
            steps=reading.steps,
            percent=reading.percent,
        )
        with suppress(BusDownError):
            await self._bus.tell(self._subject, progress)
