"""The embedded Postgres keeps what was committed, and starts again after whatever happened to it."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from services.common import db
from services.common.errors import ConfigError
from services.devstack import data_dir, postgres
from services.devstack.log_file import LogFile
from services.devstack.ports import HOST, free_port
from services.devstack.process import Process, is_alive
from services.devstack.program import Program
from services.devstack.supervisor import Supervisor, supervising
from tests.integration.devstack import fakes
from tests.servers import eventually


@pytest.fixture
def home() -> Generator[Path]:
    """A data directory that Postgres's own user can get to when we are root."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as name:
        data_dir.make(Path(name))
        yield Path(name)


def served(home: Path, port: int) -> AbstractAsyncContextManager[Supervisor]:
    """Postgres on *home*, kept alive."""
    return supervising([postgres.program(postgres.prepare(home), port)], home / "logs", lambda _: None)


async def is_ready(program: Program) -> bool:
    """Whether it can be used now."""
    return not await program.ready()


async def test_commits_survive_a_kill(home: Path) -> None:
    """After SIGKILL it comes back on the same port, with what was committed."""
    port, cluster = free_port(), postgres.prepare(home)
    async with served(home, port) as supervisor:
        await supervisor.until_ready()
        conn = await db.connect(cluster.url(port))
        await conn.execute("CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(supervisor.pids["postgres"][0], signal.SIGKILL)
        await eventually(lambda: is_ready(postgres.program(cluster, port)))
        again = await db.connect(cluster.url(port))
        found = await again.fetchval("SELECT number FROM kept")
        await again.close()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await conn.execute("SELECT 1")

    assert 7 == found


async def test_left_over_server_is_ended(home: Path) -> None:
    """A server that nobody minds any more is ended, and its data is served by the next one."""
    cluster, port = postgres.prepare(home), free_port()
    left = Process(postgres.program(cluster, port), LogFile(home / "logs", "left"))
    await eventually(lambda: is_ready(left.program))
    async with served(home, free_port()) as supervisor:
        await supervisor.until_ready()

        assert not is_alive(left.pid, left.created_at)
    await left.wait(5)


async def test_note_of_a_dead_server_is_no_obstacle(home: Path) -> None:
    """The noted process may be any other of its user after a reboot; Postgres starts all the same."""
    cluster = postgres.prepare(home)
    sleeper = msgspec.structs.replace(
        fakes.scripted(Path("/"), "sleeper", "import time; time.sleep(600)"),
        argv=("/bin/sleep", "600"),
        user=cluster.user,
    )
    other = Process(sleeper, LogFile(home / "logs", "sleeper"))
    note = cluster.folder / "postmaster.pid"
    note.write_text(f"{other.pid}\n{cluster.folder}\n1\n1\n\n\n\n")
    async with served(home, free_port()) as supervisor:
        await supervisor.until_ready()
        noted = int(note.read_text().splitlines()[0])
    alive = other.exit_code is None
    await other.stop()

    assert other.pid != noted
    assert alive


async def test_half_made_cluster_is_made_anew(home: Path) -> None:
    """What an interrupted first start left is thrown away."""
    half = home / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with served(home, free_port()) as supervisor:
        await supervisor.until_ready()

    assert not half.exists()


def test_other_version_is_refused(home: Path) -> None:
    """Data of another major version is left alone, and the sentence says how to move it."""
    folder = postgres.prepare(home).folder
    (folder / "PG_VERSION").write_text("12\n")

    with pytest.raises(ConfigError, match=r"made by Postgres 12.*pg_dump"):
        postgres.prepare(home)


async def test_services_role_is_no_superuser(home: Path) -> None:
    """The services' role owns its database and may make roles, and can't do what a superuser can."""
    cluster, port = postgres.prepare(home), free_port()
    async with served(home, port) as supervisor:
        await supervisor.until_ready()
        conn = await db.connect(cluster.url(port))
        role = await conn.fetchrow(
            "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("SELECT pg_read_file('/etc/hostname')")
        await conn.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://{postgres.ROLE}:wrong@{HOST}:{port}/{postgres.DATABASE}")

    assert (False, True) == tuple(role)


def test_secrets_are_for_their_owner_only(home: Path) -> None:
    """Passwords and data can't be read by other users, whoever Postgres runs as."""
    cluster = postgres.prepare(home)
    secrets = [*(home / "keys").iterdir(), home / "keys", cluster.folder]

    assert [0] * 4 == [path.stat().st_mode & 0o077 for path in secrets]
