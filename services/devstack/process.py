"""One running program: a process group that does not outlive whoever started it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import psutil

from services.devstack.log_file import LogFile
from services.devstack.program import Program

_POLL_S = 0.05


class Process:
    """A started program. Waiting polls, so that neither an event loop nor a thread is tied to it."""

    def __init__(self, program: Program, log: LogFile) -> None:
        self.program = program
        with log.opened() as output:
            user = program.user
            self._child = subprocess.Popen(
                [*leash(program.orphan_signal), *program.argv],
                env=program.environ,
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C in the terminal is for the supervisor, which then stops everything in order.
                start_new_session=True,
                user=None if user is None else user.uid,
                group=None if user is None else user.gid,
                extra_groups=None if user is None else [],
            )
        self.pid = self._child.pid
        self._group_ended = False
        self.created_at = creation_time(self.pid)

    @property
    def exit_code(self) -> int | None:
        """The exit code once it has ended, negative for a signal; ``None`` while it runs."""
        return self._child.poll()

    async def wait(self, timeout_s: float | None = None, *, poll_s: float = _POLL_S) -> int | None:
        """Wait until it ends, at most *timeout_s*; its exit code, or ``None`` when it still runs."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while (code := self.exit_code) is None:
            if deadline is not None and time.monotonic() >= deadline:
                return None
            await asyncio.sleep(poll_s)
        return code

    async def stop(self) -> bool:
        """End it, by force once its grace is over; false when force was needed."""
        with suppress(ProcessLookupError):
            self._child.send_signal(self.program.stop_signal)
        in_time = await self.wait(self.program.grace_s) is not None
        self.kill()
        await self.wait()
        return in_time

    def kill(self) -> None:
        """End it and what it started, at once: its process group, and who left that while it still runs."""
        if self._group_ended:
            return  # the id may be someone else's by now
        self._group_ended = self.exit_code is not None
        strays = [] if self._group_ended else _descendants(self.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for stray in strays:
            with suppress(psutil.Error):
                stray.kill()


def _descendants(pid: int) -> list[psutil.Process]:
    """Postgres's processes have groups of their own, and one that stands still does not see it end."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def leash(orphan_signal: signal.Signals) -> tuple[str, ...]:
    """
    What to put before a command line, so that the kernel ends the program when we are killed outright.

    Without util-linux's ``setpriv`` the left-overs are ended by the next start (``leftovers``).
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    return (setpriv, "--pdeathsig", orphan_signal.name.removeprefix("SIG"), "--")


def creation_time(pid: int) -> float:
    """When a process was started, in seconds since the epoch, which tells it from a later one with its id."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def is_alive(pid: int, created_at: float) -> bool:
    """Whether that very process still runs."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created_at) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
