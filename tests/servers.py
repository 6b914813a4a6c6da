"""Real servers for tests: Postgres and NATS from their wheels, in folders that go away, and our services."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process as AsyncProcess
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from services.common import db
from services.devstack import data_dir, nats, nats_users, postgres, secret_file
from services.devstack.log_file import LogFile
from services.devstack.ports import HOST, free_port
from services.devstack.process import Process
from services.devstack.program import Program

ROOT = Path(__file__).parents[1]
START_TIMEOUT_S = 60.0
TESTER = "tester"

_END_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_ANYTHING_LEFT = """
SELECT EXISTS (SELECT FROM pg_class WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\\_%')
    OR EXISTS (SELECT FROM pg_db_role_setting)
"""

T = TypeVar("T")


class PostgresServer:
    """
    A server whose databases belong to the same kind of role that the services use.

    To make a database and drop it again takes longer than most tests, so one that is given back is emptied,
    which takes a tenth of that, and lent again.
    """

    def __init__(self, cluster: postgres.Cluster, port: int) -> None:
        self._cluster = cluster
        self._port = port
        self._empty: list[str] = []

    async def borrow_database(self) -> str:
        """An empty database that nobody else has; returns its URL."""
        if self._empty:
            return self._empty.pop()
        name = f"test_{uuid4().hex}"
        async with self._superuser("postgres") as conn:
            await conn.execute(f"CREATE DATABASE {name} OWNER {postgres.ROLE}")
        return self._cluster.url(self._port, name)

    async def give_back(self, url: str) -> None:
        """Empty it, whoever is still connected."""
        async with self._superuser(url.rpartition("/")[2]) as conn:
            await conn.execute(_END_CONNECTIONS)
            await conn.execute(f"DROP OWNED BY {postgres.ROLE} CASCADE")
            assert not await conn.fetchval(_ANYTHING_LEFT), "what a test left is not the role's"
        self._empty.append(url)

    @asynccontextmanager
    async def _superuser(self, database: str) -> AsyncGenerator[db.Connection]:
        base, _, _ = self._cluster.superuser_url(self._port).rpartition("/")
        conn = await db.connect(f"{base}/{database}")
        try:
            yield conn
        finally:
            await conn.close()


class Server:
    """
    A program on loopback that can be stopped and started again, with what it holds on the disk.

    Attributes:
        home: Where it holds that.
    """

    def __init__(self, program: Program, home: Path) -> None:
        self.home = home
        self._program = program
        self._log = LogFile(home / "logs", program.name)
        self._process: Process | None = None

    async def start(self) -> None:
        """Start, and wait until it answers."""
        self._launch()
        await self._answers()

    async def stop(self) -> None:
        """Stop, unless it is stopped."""
        if self._process is not None:
            await self._process.stop()
            self._process = None

    @contextmanager
    def frozen(self) -> Generator[None]:
        """It does not answer while the block runs, and its connections stay open."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    @contextmanager
    def running(self) -> Generator[None]:
        """The server while the block runs, from outside of any event loop."""
        try:
            # Not in the thread of `_run`: the kernel ends a program with the thread that started it.
            self._launch()
            _run(self._answers())
            yield
        finally:
            _run(self.stop())

    def _launch(self) -> None:
        self._process = Process(self._program, self._log)

    async def _answers(self) -> None:
        process = self._process
        assert process is not None

        async def ready() -> bool:
            assert process.exit_code is None, f"{self._program.name}: {self._log.last_sentence()}"
            return not await self._program.ready()

        await eventually(ready, timeout_s=START_TIMEOUT_S)


class NatsServer(Server):
    """
    A server with every service's user, and one that may do everything.

    Attributes:
        url: As the user that may do everything, under any connection name.
        urls: By service, as the user the stack gives it.
    """

    def __init__(self, home: Path) -> None:
        port, passwords = free_port(), {user: secret_file.new_password() for user in nats_users.all_users()}
        config: Any = nats.configuration(home, port, passwords, durable=False)
        config["authorization"]["users"].append({"user": TESTER, "password": TESTER})
        (home / "nats.conf").write_bytes(msgspec.json.encode(config))
        super().__init__(nats.program(home, port), home)
        credentials = nats.Credentials(port=port, passwords=passwords)
        self.url = f"nats://{TESTER}:{TESTER}@{HOST}:{port}"
        self.urls = {user: credentials.url(user) for user in passwords}


@contextmanager
def postgres_server() -> Generator[PostgresServer]:
    """A server for a whole session of tests; what it holds may be lost."""
    with _folder() as home:
        cluster, port = postgres.prepare(home, durable=False), free_port()
        with Server(postgres.program(cluster, port, durable=False), home).running():
            yield PostgresServer(cluster, port)


@contextmanager
def nats_server() -> Generator[NatsServer]:
    """A server for one test: about 0.1 s to start, and nothing of another test in it."""
    with _folder() as home:
        server = NatsServer(home)
        with server.running():
            yield server


@asynccontextmanager
async def service_process(name: str, *arguments: str, **environ: str) -> AsyncGenerator[AsyncProcess]:
    """``python -m services.<name>`` with that environment alone; killed if it is still there at the end."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"services.{name}", *arguments),
        env={"PATH": os.environ["PATH"], **environ},
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def eventually(check: Callable[[], Awaitable[T]], *, timeout_s: float = 20.0) -> T:
    """What *check* returns as soon as that is true; fails the test when it never is."""
    deadline = time.monotonic() + timeout_s
    while not (found := await check()):
        assert time.monotonic() < deadline, f"still {found!r} after {timeout_s} s"
        await asyncio.sleep(0.02)
    return found


@contextmanager
def _folder() -> Generator[Path]:
    # Not pytest's tmp_path: Postgres's own user has to be able to get there when we are root.
    with tempfile.TemporaryDirectory(prefix="darkroom-") as name:
        data_dir.make(Path(name))
        yield Path(name)


def _run(work: Any) -> None:
    """Run a coroutine to its end in a thread, away from the event loop of the tests."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
