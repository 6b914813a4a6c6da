"""The leak test: what a capture at the backend sees with the tunnel down, and with a way around it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.common.canary.proc_net import LISTENING, parse
from services.devstack.process import leash
from tests.anonnet.binaries import binaries_or_skip
from tests.anonnet.keys import make_data_dir
from tests.anonnet.shared import SharedNetwork
from tests.integration.egress_netns.namespaces import Lab, Namespace, laboratory
from tests.integration.egress_netns.studio import BACKEND_PORT, INTERVAL_S, TUNNEL_PORT
from tests.servers import ROOT

RELAY = "tests.integration.egress_netns.relay"
TWENTY = 20
TIME_WAIT = 6
WAIT_S = 240.0

VERDICTS = """
SELECT string_agg(id || ' ' || (one.value ->> 'verdict') || ' ' || (one.value ->> 'code'), '; ' ORDER BY id)
FROM projection.egress, json_each(state::json -> 'processes') AS one
"""
WELL = "renderer verified verified; tunnel verified verified"
STATUSES = "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM projection.job"
ATTEMPTS = "SELECT count(*) FROM event_log WHERE type = 'job.dispatched.v1'"


class Stage:
    """Everything that runs on the three machines."""

    def __init__(self, lab: Lab, folder: Path, stack: ExitStack) -> None:
        self.lab = lab
        self.folder = folder
        self._stack = stack
        self.network: SharedNetwork | None = None
        self.tunnel: subprocess.Popen[bytes] | None = None
        self._service: subprocess.Popen[bytes] | None = None
        self._service_argv: tuple[str, ...] = ()
        self._studio: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it all, from the backend to the studio."""
        program = binaries_or_skip("anon")
        folder, port = str(self.folder / "comfyui"), str(BACKEND_PORT)
        simulator = (*_module("services.devstack.comfyui"), "--dir", folder, "--port", port)
        self.run(self.lab.backend, "backend", *simulator)
        self.run(self.lab.backend, "door", *_module(RELAY), Lab.backend_address, port)
        path = self.folder / "net.socket"
        self.run(self.lab.tunnel, "keeper", *_module("tests.anonnet.keeper"), "anon", str(path))
        lease = socket.socket(socket.AF_UNIX)
        self._stack.callback(lease.close)
        until(lambda: _connects(lease, path))
        lease.settimeout(WAIT_S)
        self.network = SharedNetwork(program, self._stack.enter_context(lease.makefile("rwb")))
        config = self.network.config_file(self.folder)
        address = self._published(str(program.binary))
        module = _module("tests.integration.egress_netns.studio")
        self._studio = self.run(self.lab.studio, "studio", *module, text=True)
        nats_url = self._answer()
        self.tunnel = self.run(
            self.lab.tunnel,
            "tunnel",
            *_module("services.tunnel"),
            environ={
                "DARKROOM_BACKENDS": f"gpu=http://{address}:80",
                "DARKROOM_TUNNEL": "anon",
                "DARKROOM_HOME": str(self.folder / "home"),
                "ANON_BINARY": str(self._mortal(program.binary)),
                "ANON_CONFIG": str(config),
                "ANON_AGREE_TO_TERMS": "yes",
                "TUNNEL_HOST": Lab.tunnel_door,
                "TUNNEL_PORT": str(TUNNEL_PORT),
                "NATS_URL": nats_url,
                "EGRESS_CHECK_INTERVAL_S": str(INTERVAL_S),
            },
        )

    def run(
        self,
        where: Namespace,
        name: str,
        *argv: str,
        environ: dict[str, str] | None = None,
        text: bool = False,
    ) -> subprocess.Popen[Any]:
        """Start a program on a machine; what it says is in ``<name>.log``."""
        log = self._stack.enter_context((self.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [*leash(signal.SIGKILL), *where.argv(*argv)],
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.PIPE if text else subprocess.DEVNULL,
            stdout=subprocess.PIPE if text else log,
            stderr=log,
            text=text,
        )
        self._stack.callback(_ended, process)
        return process

    def say(self, *words: Any) -> Any:
        """Ask the studio's machine for something."""
        assert self._studio is not None
        assert self._studio.stdin is not None
        self._studio.stdin.write(json.dumps(words) + "\n")
        self._studio.stdin.flush()
        return self._answer()

    def becomes(self, expected: Any, query: str) -> None:
        """Wait until the studio's database says so."""
        until(
            lambda: self.say(query) == expected,
            lambda: f"{self.say(query)!r}, not {expected!r}; {self.words()}",
        )

    def kill_anon(self) -> None:
        """The tunnel's anon is gone, and so is every other that the tunnel starts."""
        assert self.tunnel is not None
        self._dead.touch()
        for child in psutil.Process(self.tunnel.pid).children(recursive=True):
            child.kill()

    def publish_anew(self) -> None:
        """Have the hidden service let go of what it holds for a client that is gone; it takes minutes."""
        assert self._service is not None
        _ended(self._service)
        self._service = self.run(self.lab.tunnel, "service", *self._service_argv)

    def is_left_alone(self) -> bool:
        """Whether nobody is connected to the backend any more."""
        shown = subprocess.run(
            self.lab.backend.argv("cat", "/proc/net/tcp"), check=True, capture_output=True, text=True
        )
        mine = (Lab.backend_address, BACKEND_PORT)
        over = {LISTENING, TIME_WAIT}
        return all(row.state in over for row in parse(shown.stdout) if row.local == mine)

    def raise_anon(self) -> None:
        """From now on the next one that the tunnel starts may live."""
        self._dead.unlink()

    @property
    def _dead(self) -> Path:
        return self.folder / "anon-is-dead"

    def _mortal(self, binary: Path) -> Path:
        """*binary*, as one that dies at once while it is to be dead."""
        script = self.folder / "anon"
        script.write_text(f'#!/bin/sh\n[ ! -e "{self._dead}" ] && exec "{binary}" "$@"\n')
        script.chmod(0o755)
        return script

    def words(self) -> str:
        """The end of every log, for a test that failed."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in self.folder.glob("*.log")
        )

    def _published(self, binary: str) -> str:
        """A hidden service of the backend's, from the machine that can reach it; its address."""
        assert self.network is not None
        data_dir = self.folder / "service"
        make_data_dir(data_dir)
        rc = self.folder / "service.rc"
        lines = [
            f"DataDirectory {data_dir}",
            "SocksPort 0",
            f"HiddenServiceDir {data_dir / 'hidden'}",
            f"HiddenServicePort 80 {Lab.backend_address}:{BACKEND_PORT}",
            *self.network.config_lines,
        ]
        # What a relay or a client of this network says from loopback alone can't reach the next machine.
        rc.write_text(
            "\n".join([line for line in lines if not line.startswith("OutboundBindAddress")] + [""])
        )
        self._service_argv = (binary, "-f", str(rc), "--quiet")
        self._service = self.run(self.lab.tunnel, "service", *self._service_argv)
        hostname = data_dir / "hidden" / "hostname"
        until(hostname.exists, self.words)
        return hostname.read_text().strip()

    def _answer(self) -> Any:
        assert self._studio is not None
        assert self._studio.stdout is not None
        line = self._studio.stdout.readline()
        assert line, self.words()
        return json.loads(line)


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


def until(holds: Callable[[], bool], words: Callable[[], str] = str) -> None:
    """Wait until *holds*."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, words()
        time.sleep(0.25)


def _connects(lease: socket.socket, path: Path) -> bool:
    with suppress(OSError):
        lease.connect(str(path))
        return True
    return False


def _ended(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@pytest.fixture
def stage(tmp_path: Path) -> Generator[Stage]:
    """Everything, at work."""
    with laboratory() as lab, ExitStack() as stack:
        made = Stage(lab, tmp_path, stack)
        made.start()
        made.becomes(WELL, VERDICTS)
        yield made


TUNNEL_CODE = """
SELECT min(one.value ->> 'code') FROM projection.egress, json_each(state::json -> 'processes') AS one
WHERE id = 'tunnel'
"""


@pytest.mark.timeout(900)
def test_nothing_goes_around_the_tunnel(stage: Stage) -> None:
    """
    With anon killed twenty pictures are asked for, and the backend's line stays silent.

    That silence is told from deafness: what goes through the tunnel before is seen there, and so is what goes
    around it on a route that was opened; the canary says so, and nothing is dispatched. Once all is well
    again the twenty are made by themselves.
    """
    capture = stage.lab.backend.capture("wire")
    stage.say("ask", 1, 1)
    stage.becomes("succeeded", STATUSES)
    assert capture.count() > 0, "the capture is deaf"

    stage.kill_anon()
    stage.becomes("tunnel-down", TUNNEL_CODE)
    stage.publish_anew()
    until(stage.is_left_alone, stage.words)  # a connection of before may yet say farewell
    capture.count()
    before = stage.say(ATTEMPTS)
    stage.say("ask", 2, TWENTY)
    stage.becomes("queued succeeded", STATUSES)
    time.sleep(5 * INTERVAL_S)  # several looks and checks of everybody
    assert 0 == capture.count()
    assert before == stage.say(ATTEMPTS)
    assert "queued succeeded" == stage.say(STATUSES)

    stage.lab.open_leak()
    until(lambda: "renderer leaked direct-way-open" in stage.say(VERDICTS), stage.words)
    assert capture.count() > 0
    assert before == stage.say(ATTEMPTS)
    stage.lab.close_leak()
    until(lambda: "renderer inconclusive tunnel-down" in stage.say(VERDICTS), stage.words)

    stage.raise_anon()
    stage.becomes("succeeded", STATUSES)
    capture.close()
