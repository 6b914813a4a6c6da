"""A whole Darkroom, started as a person starts it, that a test can use and harm."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from services.common import db
from services.devstack import run_record
from services.devstack.ports import free_port
from services.devstack.process import is_alive
from services.devstack.run_record import RunRecord
from tests.servers import eventually

READY_TIMEOUT_S = 90.0
SERVICES = ("orchestrator", "renderer", "tunnel", "ingress-web")


class Darkroom:
    """
    One `darkroom up` on a data directory of its own.

    Attributes:
        home: The data directory.
        url: The web chat.
    """

    def __init__(self, home: Path, port: int, environ: dict[str, str], arguments: tuple[str, ...]) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self._argv = (sys.executable, "-m", "services.cli", "up", "--data", str(home), "--port", str(port))
        self._arguments = arguments
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None

    @property
    def record(self) -> RunRecord:
        """What runs now."""
        found = run_record.read(self.home)
        assert found is not None, "nothing runs"
        return found

    def start(self) -> None:
        """Start and wait for the line that says it is up."""
        self._process = subprocess.Popen(
            [*self._argv, *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._environ},
            text=True,
        )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], READY_TIMEOUT_S)
        line = self._process.stdout.readline() if ready else ""
        assert f"Darkroom is up: {self.url}\n" == line, self.logs()

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        code = self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def die(self) -> None:
        """SIGKILL the one that holds everything together: the rest has nobody to stop it in order."""
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def kill(self, name: str) -> int:
        """SIGKILL one program of the stack; returns the pid that it had."""
        pid = self.record.processes[name].pid
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def frozen(self, name: str) -> Generator[None]:
        """A program and its children don't answer while the block runs; the supervisor sees them alive."""
        program = psutil.Process(self.record.processes[name].pid)
        processes = [program, *program.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    async def is_back(self, name: str, before: int) -> None:
        """Wait until a program that was killed runs again and is ready."""

        async def back() -> bool:
            running = self.record.processes.get(name)
            return running is not None and running.pid != before and is_alive(running.pid, running.created_at)

        await eventually(back, timeout_s=60)

    async def fetchval(self, query: str, *args: object) -> object:
        """One value of the database."""
        conn = await db.connect(self.record.database_url)
        try:
            return await conn.fetchval(query, *args)
        finally:
            await conn.close()

    async def replay_holds(self) -> None:
        """`darkroom replay` finds every projection byte-equal."""
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", "replay", "--data", str(self.home)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await done.communicate()
        assert 0 == done.returncode, said.decode()

    def logs(self) -> str:
        """The end of every log, for a test that failed."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted((self.home / "logs").glob("*.log"))
        )


@contextmanager
def running_darkroom(home: Path, *arguments: str, simulator: str = "", **environ: str) -> Generator[Darkroom]:
    """
    Start one, and stop it at the end.

    Args:
        home: Data directory; what an earlier run left there is used.
        arguments: More of the command line.
        simulator: Arguments of the ComfyUI simulator.
        environ: More of the environment.
    """
    if simulator:
        environ["DARKROOM_SIMULATOR_ARGS"] = simulator
    darkroom = Darkroom(home, free_port(), environ, arguments)
    darkroom.start()
    try:
        yield darkroom
    except BaseException:
        sys.stderr.write(darkroom.logs())
        raise
    finally:
        darkroom.stop()
