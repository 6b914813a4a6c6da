"""Keeps one program alive: starts it, waits until it is ready, starts it again when it dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from services.common.errors import ConfigError
from services.common.run import EXIT_CONFIG, until
from services.devstack.errors import ProgramFailedError
from services.devstack.log_file import LogFile
from services.devstack.process import Process
from services.devstack.program import Program
from services.devstack.report import Report, State

MAX_FAILED_STARTS = 6
_BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0  # after so long a death counts as the first again
_POLL_S = 0.05
_WATCH_S = 0.25  # for a death: more often would keep an idle machine busy
_SAY_AGAIN_S = 5.0


class Keeper:
    """One program and the process it has now."""

    def __init__(self, program: Program, log: LogFile, report: Callable[[Report], None]) -> None:
        self.program = program
        self.log = log
        self.ready = asyncio.Event()
        self.process: Process | None = None
        self._report = report
        self._stopping = asyncio.Event()
        self._was_ready = False
        self._started_at = 0.0

    async def run(self) -> None:
        """
        Keep it alive until ``stop``.

        Raises:
            ProgramFailedError: Its settings are wrong, or it dies again and again before it was ever ready.
        """
        deaths = 0
        while not self._stopping.is_set():
            code = await self._live()
            if self._stopping.is_set():
                return
            if code == EXIT_CONFIG:
                raise ProgramFailedError(self.log.last_sentence())
            deaths = 1 if self._age_s() > _STEADY_S else deaths + 1
            why = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            if deaths >= MAX_FAILED_STARTS and not self._was_ready:
                raise ProgramFailedError(
                    f"{self.program.name} does not start ({why}): {self.log.last_sentence()}\n"
                    f"Its log is {self.log.path}."
                )
            self._tell("restarting", f"{why}; its log is {self.log.path}")
            await until(self._stopping, _BACKOFF_S[min(deaths, len(_BACKOFF_S)) - 1])

    async def stop(self) -> None:
        """End the program and don't start it again."""
        self._stopping.set()
        if self.process is not None:
            in_time = await self.process.stop()
            self._tell("stopped" if in_time else "killed")

    async def _live(self) -> int:
        """One life of the program, from its start to its exit code."""
        self._started_at = time.monotonic()
        try:
            process = self.process = Process(self.program, self.log)
        except OSError as exc:
            raise ProgramFailedError(f"{self.program.name} can't be started: {exc}") from exc
        self._tell("starting")
        becoming_ready = asyncio.ensure_future(self._become_ready())
        ending = asyncio.ensure_future(process.wait(poll_s=_WATCH_S))
        try:
            await asyncio.wait({becoming_ready, ending}, return_when=asyncio.FIRST_COMPLETED)
            if becoming_ready.done():
                becoming_ready.result()
            code = await ending
        finally:
            becoming_ready.cancel()
            ending.cancel()
        process.kill()  # what it may have started itself
        return 0 if code is None else code

    async def _become_ready(self) -> None:
        said, said_at = "", 0.0
        while missing := await self._missing():
            if self._stopping.is_set():
                return  # it is losing what it needs, and nobody waits for it any more
            if missing != said or self._age_s() - said_at > _SAY_AGAIN_S:
                said, said_at = missing, self._age_s()
                self._tell("waiting", missing)
            await asyncio.sleep(_POLL_S)
        self._was_ready = True
        self.ready.set()
        self._tell("ready")

    async def _missing(self) -> str:
        try:
            return await self.program.ready()
        except ConfigError as exc:
            raise ProgramFailedError(str(exc)) from exc

    def _age_s(self) -> float:
        return time.monotonic() - self._started_at

    def _tell(self, state: State, detail: str = "") -> None:
        self._report(Report(program=self.program.name, state=state, detail=detail, seconds=self._age_s()))
