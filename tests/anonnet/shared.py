"""A network as tests hold it, shared with whoever else tests at the same time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tests.anonnet.binaries import Binaries
from tests.anonnet.client import Client
from tests.anonnet.lock import locked
from tests.anonnet.network import START_TIMEOUT_S

ROOT = Path(__file__).parents[2]
_CONNECT_TIMEOUT_S = 20.0
_POLL_S = 0.05


class SharedNetwork:
    """
    A network that runs in a keeper's process.

    Attributes:
        config_lines: What the ``ANON_CONFIG`` of a client or hidden service holds.
    """

    def __init__(self, programs: Binaries, lease: BinaryIO) -> None:
        self._programs = programs
        self._lease = lease
        self._lock = threading.Lock()
        greeting = self._answer()
        assert "error" not in greeting, f"the private network does not start: {greeting['error']}"
        self.config_lines: tuple[str, ...] = tuple(greeting["config_lines"])

    @property
    def program(self) -> str:
        """Its flavour, ``anon`` or ``tor``."""
        return self._programs.program

    @property
    def binary(self) -> Path:
        """The program that all of its nodes are."""
        return self._programs.binary

    def config_file(self, folder: Path) -> Path:
        """Write what ``ANON_CONFIG`` can name into *folder*."""
        path = folder / "network.anonrc"
        path.write_text("\n".join([*self.config_lines, ""]))
        return path

    def kill(self, *nodes: str) -> None:
        """End *nodes* at once. Only in a network of your own: others test through a shared one."""
        self._command("kill", *nodes)

    def up(self, *nodes: str) -> None:
        """Start those of *nodes* that do not run."""
        self._command("up", *nodes)

    def asked(self) -> list[str]:
        """Every name that an exit has asked its DNS server for, since the network was started."""
        return list(self._command("asked"))

    @contextmanager
    def client(self, data_dir: Path, *lines: str) -> Generator[Client]:
        """
        One more process while the block runs, whose control port answers: 1 to 2 s until bootstrapped.

        Start it from the main thread: the kernel ends it with the thread that did.

        Args:
            data_dir: Made if need be.
            lines: Of its configuration, like ``HiddenServiceDir …``; ``SocksPort 0`` for none.
        """
        client = Client(self._programs, data_dir, (*self.config_lines, *lines))
        client.start()
        try:
            client.until_listening()
            yield client
        finally:
            client.stop()

    def _command(self, *said: str) -> Any:
        with self._lock:
            self._lease.write(json.dumps(said).encode() + b"\n")
            self._lease.flush()
            return self._answer()

    def _answer(self) -> Any:
        line = self._lease.readline()
        assert line, "the keeper of the private network is gone"
        return json.loads(line)


@contextmanager
def shared_network(programs: Binaries, session: Path) -> Generator[SharedNetwork]:
    """
    Hold the network of *programs* while the block runs; the first of several holders starts it.

    Args:
        programs: Its flavour.
        session: A folder that all processes of one run of the tests have in common.
    """
    # Short, as a socket's path has to be.
    path = session / f"{programs.program}.socket"
    with locked(path):
        lease = _connected(path) or _started(programs, path)
    # Not under the lock: whoever comes second waits for the same start.
    lease.settimeout(START_TIMEOUT_S + _CONNECT_TIMEOUT_S)
    with lease, lease.makefile("rwb") as file:
        yield SharedNetwork(programs, file)


def _connected(path: Path) -> socket.socket | None:
    lease = socket.socket(socket.AF_UNIX)
    try:
        lease.connect(str(path))
    except OSError:
        lease.close()
        return None
    return lease


def _started(programs: Binaries, path: Path) -> socket.socket:
    path.unlink(missing_ok=True)  # of a keeper that was killed
    log_path = path.with_suffix(".log")
    with log_path.open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.anonnet.keeper", programs.program, str(path)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for pytest; the keeper ends when that lets go of it.
            start_new_session=True,
        )
    threading.Thread(target=keeper.wait, daemon=True).start()
    deadline = time.monotonic() + _CONNECT_TIMEOUT_S
    while (lease := _connected(path)) is None:
        said = log_path.read_text()
        assert time.monotonic() < deadline, f"the keeper does not answer: {said}"
        assert keeper.returncode is None, f"the keeper ended: {said}"
        time.sleep(_POLL_S)
    return lease
