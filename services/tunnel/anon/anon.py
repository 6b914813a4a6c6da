"""An anon that is kept alive: started, watched, started again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import structlog

from services.common.run import until
from services.tunnel.anon import life as lives
from services.tunnel.anon.anonrc import AnonPlan
from services.tunnel.anon.control import ControlLostError, ControlPort, Observation
from services.tunnel.anon.flavour import Flavour
from services.tunnel.anon.life import Life
from services.tunnel.anon.report import Report
from services.tunnel.anon.running import Running
from services.tunnel.anon.settlement import Settled, settle
from services.tunnel.errors import TunnelDownError

BOOTSTRAP_TIMEOUT_S = 120.0


class Anon:
    """
    One anon and the process it has now. Made by ``planned``.

    Attributes:
        life: How it stands.
    """

    def __init__(self, settled: Settled, *, bootstrap_timeout_s: float) -> None:
        self.life = Life()
        self._settled = settled
        self._bootstrap_timeout_s = bootstrap_timeout_s
        self._running: Running | None = None
        self._watchers: list[Callable[[Life], None]] = []
        self._changed = asyncio.Condition()

    @staticmethod
    async def planned(plan: AnonPlan, *, bootstrap_timeout_s: float = BOOTSTRAP_TIMEOUT_S) -> Anon:
        """
        An anon that can be run.

        Args:
            plan: What it is to be.
            bootstrap_timeout_s: How long a process may take to get into the network before another is tried.

        Raises:
            ConfigError: The binary, its terms, an option or a value; the message says what to do.
        """
        return Anon(await settle(plan), bootstrap_timeout_s=bootstrap_timeout_s)

    @property
    def flavour(self) -> Flavour:
        """What program it is."""
        return self._settled.flavour

    @property
    def pid(self) -> int:
        """Of the process that runs; 0 when none does."""
        return 0 if self._running is None else self._running.pid

    @property
    def socks(self) -> tuple[str, int]:
        """
        Where its SOCKS port listens.

        Raises:
            TunnelDownError: It is not up.
        """
        if self.life.phase != "up" or self._running is None or self._running.socks is None:
            raise self._down()
        return self._running.socks

    def watch(self, look: Callable[[Life], None]) -> None:
        """Have *look* called at every change of ``life``."""
        self._watchers.append(look)

    async def until_up(self, timeout_s: float) -> None:
        """
        Wait until it carries traffic.

        Raises:
            TunnelDownError: It does not after *timeout_s* seconds, or has stopped. Nothing was sent.
        """
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self.life.phase in {"up", "stopped"})
        except TimeoutError as exc:
            raise self._down() from exc
        if self.life.phase != "up":
            raise self._down()

    async def run(self, stopping: asyncio.Event) -> None:
        """
        Keep it alive until *stopping* is set, then end it in order.

        Raises:
            ConfigError: The binary can't be started any more.
        """
        failures = 0
        try:
            while not stopping.is_set():
                failures = lives.failures_after(failures, await self._one_process(stopping))
                await until(stopping, lives.pause_s(failures))
        finally:
            await self._set(lives.stopped(self.life))

    async def new_identity(self) -> None:
        """
        Use fresh circuits from now on; what runs over the old ones goes on.

        Raises:
            TunnelDownError: There is no process to tell.
        """
        async with self._asking() as control:
            await control.signal("NEWNYM")
        await self._set(lives.renewed(self.life))

    async def reload(self, lines: tuple[str, ...] | None = None) -> None:
        """
        Have it read its configuration, and the keys for hidden services, again.

        Args:
            lines: The role's own from now on; as they were when ``None``.

        Raises:
            ConfigError: It would not accept that; it goes on with what it had.
            TunnelDownError: There is no process to tell; the next one reads it.
        """
        plan = self._settled.plan
        if lines is not None:
            plan = msgspec.structs.replace(plan, lines=lines)
        self._settled = await settle(plan)
        async with self._asking() as control:
            await control.signal("RELOAD")

    async def report(self) -> Report:
        """How it stands; without circuits, streams and bytes while no process answers."""
        report = Report(
            program=self.flavour.program,
            version=self.flavour.version,
            phase=self.life.phase,
            percent=self.life.percent,
            summary=self.life.summary,
            reason=self.life.reason,
            generation=self.life.generation,
        )
        try:
            async with self._asking() as control:
                read_bytes, written_bytes = await control.traffic()
                return msgspec.structs.replace(
                    report,
                    circuits=await control.circuits(),
                    streams=await control.streams(),
                    read_bytes=read_bytes,
                    written_bytes=written_bytes,
                )
        except TunnelDownError:
            return report

    async def on_event(self, kind: str, take: Callable[[str], None]) -> None:
        """
        Have *take* called with each event of *kind*, like ``HS_DESC``, of the process that runs now.

        Raises:
            TunnelDownError: There is none.
        """
        async with self._asking() as control:
            await control.on_event(kind, take)

    async def _one_process(self, stopping: asyncio.Event) -> float:
        """One process from its start to its end, however that comes about; for how many seconds it was up."""
        running = self._running = await Running.start(self._settled)
        await self._set(lives.started(self.life))
        over = asyncio.ensure_future(
            running.until_over(self._observed, bootstrap_timeout_s=self._bootstrap_timeout_s)
        )
        stop = asyncio.ensure_future(stopping.wait())
        after = lives.stopped
        try:
            await asyncio.wait({over, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.done():
                after = partial(lives.failed, reason=over.result())
        finally:
            # At once: nobody is to be told "up" while it ends.
            self._running = None
            await self._set(after(self.life))
            for task in (over, stop):
                task.cancel()
            await asyncio.gather(over, stop, return_exceptions=True)
            await running.stop()
        return running.up_s

    async def _observed(self, seen: Observation) -> None:
        await self._set(lives.observed(self.life, seen.percent, seen.summary, has_circuit=seen.has_circuit))

    @asynccontextmanager
    async def _asking(self) -> AsyncGenerator[ControlPort]:
        control = None if self._running is None else self._running.control
        if control is None:
            raise self._down()
        try:
            yield control
        except ControlLostError as exc:
            raise self._down() from exc

    def _down(self) -> TunnelDownError:
        return TunnelDownError(f"The tunnel is not up: {self.life.words or 'it does not answer'}.")

    async def _set(self, new: Life) -> None:
        if new == self.life:
            return
        self.life = new
        structlog.get_logger().info(
            "anon",
            program=self.flavour.program,
            phase=new.phase,
            percent=new.percent,
            summary=new.summary,
            reason=new.reason,
            generation=new.generation,
        )
        for look in self._watchers:
            look(new)
        async with self._changed:
            self._changed.notify_all()
