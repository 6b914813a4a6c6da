"""What ``darkroom doctor`` looks at on the machine itself, whether or not anything runs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from services.cli.finding import Finding
from services.common.errors import ConfigError
from services.common.keys import read_keyring
from services.devstack import nats, postgres
from services.devstack.ports import HOST, is_free

_OLDEST_PYTHON = (3, 11)
_ROOM_BYTES = 1 << 30


def python() -> Finding:
    """The interpreter is new enough."""
    return Finding(
        what="Python",
        verdict="holds" if sys.version_info[:2] >= _OLDEST_PYTHON else "fails",
        detail=f"{platform.python_version()} at {sys.executable}",
        remedy="" if sys.version_info[:2] >= _OLDEST_PYTHON else "Install Python 3.11 or newer.",
    )


def programs() -> list[Finding]:
    """The servers' programs start on this machine."""
    return [
        _program("Postgres", lambda: postgres.binary("postgres")),
        _program("nats-server", nats.binary),
    ]


def leash() -> Finding:
    """Whether what ``up`` starts ends with it even when it is killed outright."""
    found = shutil.which("setpriv")
    return Finding(
        what="setpriv",
        verdict="holds" if found else "fails",
        detail=found or "not there: what a killed `up` leaves behind is ended by the next one only",
        remedy="" if found else "Install util-linux: apt-get install util-linux",
    )


def data_directory(home: Path) -> Finding:
    """The data directory can be written, and has room."""
    place = next(folder for folder in (home, *home.parents) if _is_there(folder))
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Finding(
            what="data directory",
            verdict="fails",
            detail=f"{home} can't be written",
            remedy="Choose another with --data or DARKROOM_HOME.",
        )
    free_bytes = shutil.disk_usage(place).free
    return Finding(
        what="data directory",
        verdict="holds" if free_bytes >= _ROOM_BYTES else "fails",
        detail=f"{home}{'' if place == home else ' (made on first use)'}, {free_bytes / 1e9:.1f} GB free",
        remedy="" if free_bytes >= _ROOM_BYTES else "Make room: pictures and the log need at least 1 GB.",
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way is closed to us
        return False


def root_key(path: Path) -> Finding:
    """The root key at *path* is one, and for its owner's eyes only."""
    if not _is_there(path):
        return Finding(what="root key", verdict="holds", detail=f"{path} (made on first use)")
    try:
        read_keyring(path)
    except ConfigError as exc:
        return Finding(what="root key", verdict="fails", detail=str(exc))
    closed = path.stat().st_mode & 0o077 == 0
    return Finding(
        what="root key",
        verdict="holds" if closed else "fails",
        detail=f"{path}{'' if closed else ' can be read by others'}",
        remedy="" if closed else f"Close it: chmod 600 {path}",
    )


def web_port(port: int) -> Finding:
    """The web chat could be served."""
    free = is_free(port)
    return Finding(
        what="web port",
        verdict="holds" if free else "fails",
        detail=f"{port} on {HOST} is {'free' if free else 'taken by another program'}",
        remedy="" if free else "Start with another: ./dev up --port 8090",
    )


def _program(what: str, find: Callable[[], Path]) -> Finding:
    remedy = "Install what the lock file says: ./dev"
    try:
        path = find()
        command = [str(path), "--version"]
        version = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)  # noqa: S603 - ours
    except ConfigError as exc:
        return Finding(what=what, verdict="fails", detail=str(exc), remedy=remedy)
    except (OSError, subprocess.SubprocessError) as exc:
        return Finding(what=what, verdict="fails", detail=f"does not start: {exc}", remedy=remedy)
    return Finding(what=what, verdict="holds", detail=version.stdout.strip())
