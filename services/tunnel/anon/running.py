"""One process of an anon and its control port, from its start to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.common.errors import ConfigError
from services.common.run import until
from services.tunnel.anon import life
from services.tunnel.anon.control import ControlLostError, ControlPort, Observation
from services.tunnel.anon.daemon import Daemon, why_ended
from services.tunnel.anon.settlement import Settled

_LOOK_EVERY_S = 1.0  # besides when the control port gives a sign
_CONNECT_EVERY_S = 0.05
_CONNECT_TIMEOUT_S = 60.0
_END_S = 0.5


class Running:
    """
    A process that was started. Made by ``start``.

    Attributes:
        control: Its control port, while that is connected.
        socks: Where it takes SOCKS connections, if it does.
    """

    def __init__(self, settled: Settled, daemon: Daemon) -> None:
        self.control: ControlPort | None = None
        self.socks: tuple[str, int] | None = None
        self._settled = settled
        self._daemon = daemon
        self._up_since: float | None = None

    @staticmethod
    async def start(settled: Settled) -> Running:
        """
        Start what was settled.

        Raises:
            ConfigError: The binary can't be started any more.
        """
        settled.control_port_file.unlink(missing_ok=True)
        try:
            return Running(settled, await Daemon.start(settled.command, settled.plan.data_dir))
        except OSError as exc:
            raise ConfigError(f"{settled.plan.binary} can't be started: {exc.strerror}.") from exc

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._daemon.pid

    @property
    def up_s(self) -> float:
        """Seconds since it was first up; 0 when it never was."""
        return 0.0 if self._up_since is None else asyncio.get_running_loop().time() - self._up_since

    async def until_over(
        self, tell: Callable[[Observation], Awaitable[None]], *, bootstrap_timeout_s: float
    ) -> str:
        """
        Watch it until it ends by itself or is to be given up.

        Args:
            tell: Called with each observation.
            bootstrap_timeout_s: Given up when it was never up after so long.

        Returns:
            Why: a reason of ``life``.
        """
        ending = asyncio.ensure_future(self._daemon.wait())
        watching = asyncio.ensure_future(self._watch(tell, bootstrap_timeout_s))
        try:
            await asyncio.wait({ending, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not watching.done():
                return why_ended(ending.result())
            if (reason := watching.result()) == life.CONTROL_LOST:
                # A process that ends is often noticed by its control port first; one that we hung up on ends
                # in order.
                await asyncio.wait({ending}, timeout=_END_S)
                if ending.done() and ending.result() != 0:
                    return why_ended(ending.result())
            return reason
        finally:
            for task in (ending, watching):
                task.cancel()
            await asyncio.gather(ending, watching, return_exceptions=True)
            # Only now: anon ends when we hang up, and would be taken for crashed.
            if self.control is not None:
                control, self.control = self.control, None
                await control.close()

    async def stop(self) -> None:
        """End it in order, by force after a grace."""
        await self._daemon.stop()

    async def _watch(self, tell: Callable[[Observation], Awaitable[None]], bootstrap_timeout_s: float) -> str:
        try:
            control = self.control = await self._connected()
            self.socks = await control.socks_address()
            return await self._observe(control, tell, bootstrap_timeout_s)
        except ControlLostError:
            return life.CONTROL_LOST

    async def _connected(self) -> ControlPort:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _CONNECT_TIMEOUT_S
        while True:
            try:
                return await ControlPort.connect(self._settled.control_port_file)
            except ControlLostError:
                if loop.time() >= deadline:
                    raise
            await asyncio.sleep(_CONNECT_EVERY_S)

    async def _observe(
        self,
        control: ControlPort,
        tell: Callable[[Observation], Awaitable[None]],
        bootstrap_timeout_s: float,
    ) -> str:
        loop, sign = asyncio.get_running_loop(), asyncio.Event()
        deadline = loop.time() + bootstrap_timeout_s
        control.on_sign(sign.set)
        while True:
            sign.clear()
            seen = await control.observe()
            await tell(seen)
            if self._up_since is None and seen.is_up:
                self._up_since = loop.time()
            elif self._up_since is None and loop.time() >= deadline:
                return life.BOOTSTRAP_TIMEOUT
            await until(sign, _LOOK_EVERY_S)
