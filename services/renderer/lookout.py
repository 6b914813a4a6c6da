"""Looking at one backend every few seconds, and reporting what changed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog
from msgspec import Struct

from schemas import ids, subjects
from schemas.catalogue import BackendReport
from schemas.facts import BackendReported
from services.common.bus import Bus, BusDownError
from services.renderer.comfyui.answers import SystemStats
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.errors import TunnelDownError
from services.renderer.inventory import Inventory, Lacks

_SIMULATED = "simulated"
_ENDED = "backend-refused"
"""ComfyUI is not running: extensions come and go with its restart, so it may come back with other nodes."""


class Rhythm(Struct, frozen=True, kw_only=True):
    """Seconds between looks, and after which a report is repeated though nothing changed."""

    look_s: float = 3.0
    repeat_s: float = 10.0


class Lookout:
    """
    Watches one backend. Reachable means that it answers; whether it finishes what it is given, the
    attempts find out.

    Attributes:
        inventory: What the backend has, as far as is known.
        trouble: Why the tunnel did not answer at the last look, empty when it did.
    """

    def __init__(
        self, bus: Bus, backend: str, comfyui: ComfyUI, inventory: Inventory, rhythm: Rhythm
    ) -> None:
        self.trouble = "not looked yet"
        self._bus = bus
        self._backend = backend
        self._comfyui = comfyui
        self.inventory = inventory
        self._rhythm = rhythm
        self._awaited = asyncio.Event()
        self._told: BackendReport | None = None
        self._told_at = 0.0

    @property
    def is_reachable(self) -> bool:
        """Whether the backend answered at the look that was told last."""
        return self._told is not None and self._told.reachable

    def doubt(self) -> None:
        """The backend lacks something it was thought to have: look now."""
        self.inventory.doubt()
        self._awaited.set()

    def look_now(self) -> None:
        """There are other workflows to hold the backend against: don't wait for the next look."""
        self._awaited.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look and report until *stopping*."""
        ending = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                await self.look()
                awaited = asyncio.ensure_future(self._awaited.wait())
                await asyncio.wait(
                    {ending, awaited}, timeout=self._rhythm.look_s, return_when=asyncio.FIRST_COMPLETED
                )
                awaited.cancel()
                self._awaited.clear()
        finally:
            ending.cancel()

    async def look(self) -> None:
        """Look once, and report if there is news; what NATS does not take is reported at the next look."""
        report, queued = await self._seen()
        now = asyncio.get_running_loop().time()
        if report == self._told and now - self._told_at < self._rhythm.repeat_s:
            return
        at = datetime.now(UTC)
        message_id = ids.message_id("backend-reported", self._backend, at.isoformat())
        fact = BackendReported(report=report, queued=queued)
        try:
            await self._bus.publish(subjects.inbox_fact(self._backend), fact, message_id, at=at)
        except BusDownError:
            return
        if report != self._told:
            structlog.get_logger().info(
                "backend", backend=self._backend, reachable=report.reachable, reason=report.reason
            )
        self._told, self._told_at = report, now

    async def _seen(self) -> tuple[BackendReport, int]:
        try:
            stats = await self._comfyui.system_stats()
            queued = await self._comfyui.queue_length()
            lacks = await self.inventory.lacks(
                self._comfyui, stats.system.comfyui_version, asyncio.get_running_loop().time()
            )
        except TROUBLE as exc:
            self.trouble = str(exc) if isinstance(exc, TunnelDownError) else ""
            if exc.code == _ENDED:
                self.inventory.doubt()
            return BackendReport(backend=self._backend, reachable=False, reason=exc.code), 0
        self.trouble = ""
        return report(self._backend, stats, lacks), queued


def report(backend: str, stats: SystemStats, lacks: Lacks) -> BackendReport:
    """The report on a backend that answered."""
    return BackendReport(
        backend=backend,
        reachable=True,
        version=stats.system.comfyui_version,
        devices=tuple(device.name for device in stats.devices),
        simulated=_SIMULATED in stats.system.pytorch_version,
        lacks=lacks,
    )
