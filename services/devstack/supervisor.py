"""Runs programs together: each starts when what it needs is ready, and stops before what it needs does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.devstack.keeper import Keeper
from services.devstack.log_file import LogFile
from services.devstack.program import Program
from services.devstack.report import Report

_ROTATE_EVERY_S = 15.0


class Supervisor:
    """The programs that run now. Made by ``supervising``."""

    def __init__(self, keepers: dict[str, Keeper], tasks: Sequence[asyncio.Task[None]]) -> None:
        self._keepers = keepers
        self._tasks = tasks

    @property
    def pids(self) -> dict[str, tuple[int, float]]:
        """By name, the process each program has now and when that was created."""
        running = {name: keeper.process for name, keeper in self._keepers.items()}
        return {name: (process.pid, process.created_at) for name, process in running.items() if process}

    async def until_ready(self) -> None:
        """Wait until every program was ready once; raises ``ProgramFailedError``."""
        ready = asyncio.ensure_future(self._all_ready())
        try:
            await asyncio.wait({ready, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            self._raise_failure()
            await ready
        finally:
            ready.cancel()

    async def until_failed(self) -> None:
        """Wait, for ever if all goes well, until one can't be kept alive; raises ``ProgramFailedError``."""
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self._raise_failure()

    async def _all_ready(self) -> None:
        for keeper in self._keepers.values():
            await keeper.ready.wait()

    def _raise_failure(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()


@asynccontextmanager
async def supervising(
    programs: Sequence[Program], logs: Path, report: Callable[[Report], None]
) -> AsyncGenerator[Supervisor]:
    """
    Start *programs* and keep them alive while the block runs; then stop them, and leave no process.

    Args:
        programs: In any order; ``needs`` says what waits for what.
        logs: Folder for one log each.
        report: Called at every change of a program's state.
    """
    keepers = {p.name: Keeper(p, LogFile(logs, p.name), report) for p in programs}
    tasks = [asyncio.create_task(_run_after(keeper, keepers)) for keeper in keepers.values()]
    rotating = asyncio.create_task(_rotate(keepers))
    try:
        yield Supervisor(keepers, tasks)
    finally:
        rotating.cancel()
        await _stop(keepers)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run_after(keeper: Keeper, keepers: dict[str, Keeper]) -> None:
    for name in keeper.program.needs:
        await keepers[name].ready.wait()
    await keeper.run()


async def _stop(keepers: dict[str, Keeper]) -> None:
    """Stop all of them; each waits for those that need it."""
    stopped = {name: asyncio.Event() for name in keepers}

    async def stop(keeper: Keeper) -> None:
        name = keeper.program.name
        for other in keepers.values():
            if name in other.program.needs:
                await stopped[other.program.name].wait()
        await keeper.stop()
        stopped[name].set()

    stopping = asyncio.gather(*(stop(keeper) for keeper in keepers.values()))
    # Someone who is cancelled while stopping still leaves nothing behind.
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        for keeper in keepers.values():
            if keeper.process is not None:
                keeper.process.kill()
        with suppress(asyncio.CancelledError):
            await stopping
        raise


async def _rotate(keepers: dict[str, Keeper]) -> None:
    while True:
        await asyncio.sleep(_ROTATE_EVERY_S)
        for keeper in keepers.values():
            keeper.log.rotate()
