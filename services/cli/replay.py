"""``darkroom replay``: are the projections what the log says, byte for byte?"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from services.common.config import text_of
from services.common.errors import ConfigError
from services.devstack import data_dir, leftovers, postgres, run_record
from services.devstack.ports import free_port
from services.devstack.report import Report
from services.devstack.supervisor import supervising
from services.orchestrator.replay import ReplayReport, replay


@asynccontextmanager
async def database(home: Path, environ: Mapping[str, str]) -> AsyncGenerator[str]:
    """
    The URL of the deployment's database while the block runs.

    That is ``DATABASE_URL``, else the one of the stack that runs on *home*, else the embedded Postgres,
    which is started for as long as it is needed.

    Raises:
        ConfigError: There is none, or another command has it.
    """
    record = run_record.running(home)
    if given := text_of("DATABASE_URL", environ) or (record.database_url if record else ""):
        yield given
        return
    try:
        is_there = (home / "postgres").exists()
    except OSError as exc:
        raise ConfigError(f"The data directory {home} can't be read: {exc.strerror}.") from exc
    if not is_there:
        raise ConfigError(
            f"There is no event log in {home} yet. Name its folder with --data, or DATABASE_URL."
        )
    with data_dir.claimed(home):
        if (last := run_record.read(home)) is not None:
            leftovers.end(last)
        cluster, port = postgres.prepare(home), free_port()
        async with supervising([postgres.program(cluster, port)], home / "logs", _silently) as supervisor:
            await supervisor.until_ready()
            yield cluster.url(port)


def _silently(_: Report) -> None:
    return None


async def compare(
    home: Path, environ: Mapping[str, str], on_progress: Callable[[int, int], None]
) -> ReplayReport:
    """
    Make every projection again and compare; nothing is changed.

    Raises:
        ConfigError: There is no database, or another command has it.
        ProgramFailedError: The embedded Postgres does not start.
        UnavailableError: Postgres does not answer.
        msgspec.ValidationError: An event can't be read any more.
    """
    async with database(home, environ) as url:
        return await replay(url, on_progress)
