"""The data directory: one stack at a time, closed to other users."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.common.errors import ConfigError
from services.devstack import run_record


@contextmanager
def claimed(home: Path) -> Generator[None]:
    """
    Make *home* and hold it while the block runs; the system lets go of it when the process dies.

    Raises:
        ConfigError: Another process holds it, or it can't be made.
    """
    make(home)
    fd = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigError(_taken(home)) from exc
        yield
    finally:
        os.close(fd)


def make(home: Path) -> None:
    """
    Make *home* and what every run needs in it.

    Raises:
        ConfigError: It can't be made or written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        # Root's Postgres is another user, who passes through to its own folder and can list nothing.
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("keys", "logs"):
            (home / name).mkdir(exist_ok=True, mode=0o700)
    except OSError as exc:
        raise ConfigError(
            f"The data directory {home} can't be used: {exc.strerror}. Choose another with --data."
        ) from exc


def _taken(home: Path) -> str:
    record = run_record.running(home)
    if record is None:
        return f"Another command is using {home} just now. Wait for it to end, or choose another with --data."
    if not record.is_ready:
        return (
            f"Darkroom is starting on {home} just now (process {record.pid}). "
            "Wait until it is up, or choose another folder with --data."
        )
    return (
        f"Darkroom already runs on {home}: {record.url} (process {record.pid}). "
        f"Stop it with: kill {record.pid}; or choose another folder with --data."
    )
