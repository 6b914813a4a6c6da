"""The whole of Darkroom on one machine, held together while a block runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from services.common.config import text_of
from services.common.errors import ConfigError
from services.common.keys import ensure_key_file
from services.devstack import (
    data_dir,
    leftovers,
    nats,
    nats_users,
    plan,
    postgres,
    run_record,
    settings_check,
)
from services.devstack.ports import HOST, free_port, is_free
from services.devstack.process import creation_time
from services.devstack.program import Program
from services.devstack.report import Report
from services.devstack.run_record import Running, RunRecord
from services.devstack.supervisor import Supervisor, supervising

_NATS_SCHEMES = ("nats://", "tls://", "ws://", "wss://")


class Options(Struct, frozen=True, kw_only=True):
    """
    What a person may choose.

    Attributes:
        home: Data directory.
        web_port: Port of the web chat on loopback.
        backends: Address by name; empty for the simulator.
        environ: The operator's environment.
    """

    home: Path
    web_port: int
    backends: dict[str, str]
    environ: Mapping[str, str]


class Stack:
    """What runs now."""

    def __init__(
        self, supervisor: Supervisor, programs: list[Program], home: Path, record: RunRecord
    ) -> None:
        self._supervisor = supervisor
        self._programs = {program.name: program for program in programs}
        self._home = home
        self.record = record

    async def until_ready(self) -> None:
        """Wait until everything was ready once; raises ``ProgramFailedError``."""
        await self._supervisor.until_ready()
        self.record = msgspec.structs.replace(self.record, is_ready=True)
        self.write()

    async def until_failed(self) -> None:
        """Wait until something can't be kept alive; raises ``ProgramFailedError``."""
        await self._supervisor.until_failed()

    def write(self) -> None:
        """Write down what runs now."""
        processes = {
            name: Running(
                pid=pid,
                created_at=created_at,
                health_port=self._programs[name].health_port,
                stop_signal=self._programs[name].stop_signal,
            )
            for name, (pid, created_at) in self._supervisor.pids.items()
        }
        run_record.write(self._home, msgspec.structs.replace(self.record, processes=processes))


@asynccontextmanager
async def running(options: Options, report: Callable[[Report], None]) -> AsyncGenerator[Stack]:
    """
    Start everything and keep it alive while the block runs; then stop it, and leave no process.

    What is embedded is what the operator has not named: Postgres without ``DATABASE_URL``, NATS without
    ``NATS_URL``, the simulator without a backend.

    Raises:
        ConfigError: Something is in the way; the message says what to do.
    """
    with data_dir.claimed(options.home):
        if (last := run_record.read(options.home)) is not None:
            for name in await asyncio.to_thread(leftovers.end, last):
                report(Report(program=name, state="note", detail="was left over from a killed run; ended"))
        if not is_free(options.web_port):
            raise ConfigError(
                f"Port {options.web_port} on {HOST} is taken by another program. Choose another with --port."
            )
        wiring, servers = await asyncio.to_thread(_prepare, options, report)
        programs = [*servers, *plan.services(wiring)]
        for program in programs:
            settings_check.check(program)
        stack: Stack | None = None

        def told(what: Report) -> None:
            if stack is not None:
                stack.write()
            report(what)

        async with supervising(programs, options.home / "logs", told) as supervisor:
            stack = Stack(supervisor, programs, options.home, _record(wiring))
            stack.write()
            yield stack
        run_record.remove(options.home)


def _prepare(options: Options, report: Callable[[Report], None]) -> tuple[plan.Wiring, list[Program]]:
    """Where the services find everything, and the embedded servers."""
    home, environ = options.home, options.environ
    servers: list[Program] = []
    database_url = text_of("DATABASE_URL", environ)
    nats_url = text_of("NATS_URL", environ)
    if nats_url and not nats_url.startswith(_NATS_SCHEMES):
        raise ConfigError("NATS_URL is no address of a NATS. Write it as nats://user:password@host:4222.")
    if not database_url:
        if not (home / "postgres").exists():
            detail = f"makes its data directory {home / 'postgres'}, this once"
            report(Report(program="postgres", state="note", detail=detail))
        port = free_port()
        cluster = postgres.prepare(home)
        if cluster.opened:
            folders = ", ".join(str(folder) for folder in cluster.opened)
            detail = f"does not run as root; its own user may now pass through {folders}"
            report(Report(program="postgres", state="note", detail=detail))
        servers.append(postgres.program(cluster, port))
        database_url = cluster.url(port)
    if nats_url:
        nats_urls = dict.fromkeys(nats_users.all_users(), nats_url)
    else:
        port = free_port()
        credentials = nats.prepare(home, port)
        servers.append(nats.program(home, port))
        nats_urls = {user: credentials.url(user) for user in credentials.passwords}
    key_file = environ.get("DARKROOM_KEY_FILE", "")
    if not key_file:
        key_file = str(home / "keys" / "root.key")
        ensure_key_file(Path(key_file))
    simulator_port = 0 if options.backends else free_port()
    wiring = plan.Wiring(
        home=home,
        environ=environ,
        key_file=key_file,
        database_url=database_url,
        nats_urls=nats_urls,
        backends=options.backends or {plan.SIMULATOR: f"http://{HOST}:{simulator_port}"},
        simulator_port=simulator_port,
        tunnel_port=free_port(),
        connect_port=free_port(),
        web_port=options.web_port,
        servers=tuple(server.name for server in servers),
    )
    return wiring, servers


def _record(wiring: plan.Wiring) -> RunRecord:
    return RunRecord(
        pid=os.getpid(),
        created_at=creation_time(os.getpid()),
        url=f"http://{HOST}:{wiring.web_port}",
        simulated=bool(wiring.simulator_port),
        backends=wiring.backends,
        tunnel_url=wiring.tunnel_url,
        database_url=wiring.database_url,
        nats_url=wiring.nats_urls["cli"],
    )
