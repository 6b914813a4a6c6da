"""One more process at a network: a client, a hidden service's host, or both."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from services.devstack.process import leash
from tests.anonnet.binaries import Binaries
from tests.anonnet.control_port import ask
from tests.anonnet.keys import make_data_dir
from tests.anonnet.nodes import HOST
from tests.anonnet.socks import REFUSED, reply

START_TIMEOUT_S = 90.0
_GRACE_S = 5.0
_NOT_OFFERED = 81
_POLL_S = 0.1

T = TypeVar("T")


class Client:
    """
    An anon or tor process, made of the network's lines and of *lines*.

    Attributes:
        data_dir: Its ``DataDirectory``.
    """

    def __init__(self, programs: Binaries, data_dir: Path, lines: tuple[str, ...]) -> None:
        self.data_dir = data_dir
        self._programs = programs
        self._lines = lines
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again with what it has on the disk."""
        if not self.data_dir.exists():
            make_data_dir(self.data_dir)
        self._port_file.unlink(missing_ok=True)
        rc = self.data_dir / "rc"
        socks = () if "SocksPort 0" in self._lines else (f"SocksPort {HOST}:auto IsolateSOCKSAuth",)
        rc.write_text(
            "\n".join(
                [
                    f"DataDirectory {self.data_dir}",
                    f"ControlPort {HOST}:auto",
                    f"ControlPortWriteToFile {self._port_file}",
                    "CookieAuthentication 1",
                    "SafeLogging 0",
                    f"Log notice file {self.data_dir / 'notice.log'}",
                    f"__OwningControllerProcess {os.getpid()}",
                    *socks,
                    *self._lines,
                    "",
                ]
            )
        )
        self._process = subprocess.Popen(
            [*leash(signal.SIGKILL), str(self._programs.binary), "-f", str(rc), "--quiet"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it without a word to anybody."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, unless it has ended."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def ask(self, *commands: str) -> list[list[str]]:
        """Say *commands* on the control port; the lines of each answer."""
        return ask(self._control_port(), self.data_dir / "control_auth_cookie", *commands)

    @property
    def socks_port(self) -> int:
        """Where it takes SOCKS connections."""
        found = re.search(r'"127\.0\.0\.1:(\d+)"', self.ask("GETINFO net/listeners/socks")[0][0])
        assert found
        return int(found[1])

    def percent(self) -> int:
        """How far it is bootstrapped."""
        found = re.search(r"PROGRESS=(\d+)", self.ask("GETINFO status/bootstrap-phase")[0][0])
        assert found
        return int(found[1])

    def until_listening(self) -> None:
        """Wait until its control port answers."""

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"it ended: {self._last_words()}"
            with suppress(OSError, ValueError, AssertionError):
                return bool(self.ask("GETINFO version"))
            return False

        _until(answers)

    def until_bootstrapped(self) -> None:
        """Wait until it says 100 %, which does not yet mean that hidden services can be reached."""
        _until(lambda: self.percent() == 100)

    def until_reaches(self, address: str) -> None:
        """Wait until the hidden service *address* can be reached from here."""
        _until(lambda: self.reaches(address))

    def reaches(self, address: str) -> bool:
        """
        Whether descriptor and rendezvous of *address* work, running backend or not.

        Asks for a port that it does not offer: the refusal can only come from the service.
        """
        return reply(self.socks_port, address, _NOT_OFFERED, user=str(time.time_ns())) == REFUSED

    async def address(self, service: str = "service") -> str:
        """The address of the hidden service whose folder is *service*, as soon as it has one."""
        path = self.data_dir / service / "hostname"
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (path.exists() and (said := path.read_text().strip())):  # noqa: ASYNC110 - a file
                await asyncio.sleep(_POLL_S)
        return said

    @property
    def _port_file(self) -> Path:
        return self.data_dir / "control-port"

    def _control_port(self) -> int:
        return int(self._port_file.read_text().rpartition(":")[2])

    def _last_words(self) -> str:
        with suppress(OSError):
            return "\n".join((self.data_dir / "notice.log").read_text().splitlines()[-5:])
        return "it said nothing"


def _until(true: Callable[[], T]) -> T:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (found := true()):
        assert time.monotonic() < deadline, f"still {found!r} after {START_TIMEOUT_S} s"
        time.sleep(_POLL_S)
    return found
