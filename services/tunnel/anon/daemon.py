"""The process of an anon."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from contextlib import suppress
from pathlib import Path

import structlog

from services.tunnel.anon import life

_GRACE_S = 5.0
_VERIFY_TIMEOUT_S = 60.0
_LAST_LINES = 20
_WARNED_MAX = 100
_WARNING = re.compile(r"^.{0,40}\[(warn|err)\] (.*)$")
_SUMMING_UP = "Reading config failed"  # comes after what was wrong
# 56 characters are the address of a hidden service, of which a log says nothing.
_ADDRESS = re.compile(r"[a-z2-7]{56}(?:\.[a-z]+)?")


class Daemon:
    """A started anon. It ends when we do, however we end."""

    def __init__(self, process: Process, *, is_heard: bool = True) -> None:
        self._process = process
        self._is_heard = is_heard
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._warned: set[str] = set()
        self._reading = asyncio.ensure_future(self._read())

    @staticmethod
    async def start(command: tuple[str, ...], folder: Path, *, is_heard: bool = True) -> Daemon:
        """
        Start *command*.

        Args:
            command: The program and what it is told.
            folder: Its home. It gets nothing of our environment.
            is_heard: Its warnings are logged.

        Raises:
            OSError: It can't be started.
        """
        return Daemon(
            await asyncio.create_subprocess_exec(
                *_leash(),
                *command,
                stdin=DEVNULL,  # on a terminal it would ask for its terms, and wait for ever
                stdout=PIPE,
                stderr=STDOUT,
                env={"HOME": str(folder), "PATH": os.defpath},
                # Ctrl-C in the terminal is for us, who then end it in order.
                start_new_session=True,
            ),
            is_heard=is_heard,
        )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """Its last warning or error, or else whatever it said last."""
        warnings = [
            found[2]
            for line in self._last
            if (found := _WARNING.match(line)) and not found[2].startswith(_SUMMING_UP)
        ]
        return (warnings or list(self._last) or [""])[-1]

    async def wait(self) -> int:
        """Wait until it ends; its exit code, negative for a signal."""
        code = await self._process.wait()
        # Whoever stops waiting does not stop the reading: a full pipe would hold anon up.
        await asyncio.shield(self._reading)
        return code

    async def stop(self) -> None:
        """End it in order, by force after a grace."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(_GRACE_S):
                await self.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):  # a line beyond all measure: it is no anon that speaks
            async for raw in self._process.stdout:
                line = _ADDRESS.sub("[address]", raw.decode(errors="replace").rstrip())
                self._last.append(line)
                found = _WARNING.match(line)
                # Once each: some come with every connection.
                if (
                    self._is_heard
                    and found
                    and found[2] not in self._warned
                    and len(self._warned) < _WARNED_MAX
                ):
                    self._warned.add(found[2])
                    structlog.get_logger().warning("anon warns", message=found[2])


def why_ended(code: int) -> str:
    """The reason of ``life`` for which a process ended with *code*."""
    # A configuration that it does not accept makes anon free what it does not own.
    return life.NOT_ACCEPTED if code == -signal.SIGABRT else life.CRASHED


async def complaint(command: tuple[str, ...], folder: Path) -> str:
    """
    What is wrong with the configuration of *command*, which is not started.

    Returns:
        The program's own words, ``life.NOT_ACCEPTED`` when it aborted without any, or nothing.
    """
    daemon = await Daemon.start((*command, "--verify-config"), folder, is_heard=False)
    try:
        async with asyncio.timeout(_VERIFY_TIMEOUT_S):
            code = await daemon.wait()
    except TimeoutError:
        await daemon.stop()
        return f"it said nothing within {_VERIFY_TIMEOUT_S:g} s"
    if code == 0:
        return ""
    return life.NOT_ACCEPTED if code == -signal.SIGABRT else daemon.last_words or f"exit code {code}"


def _leash() -> tuple[str, ...]:
    """What ends it at once when we are killed; without util-linux's ``setpriv``, anon sees it after 15 s."""
    setpriv = shutil.which("setpriv")
    return () if setpriv is None else (setpriv, "--pdeathsig", "KILL", "--")
