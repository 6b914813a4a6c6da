"""Passwords in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_PASSWORD_BYTES = 24


def write_private(path: Path, data: bytes) -> None:
    """Write *path* in one step, readable by its owner alone; after a crash it is the old or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def password(path: Path) -> str:
    """The password in *path*, made on first use; fit for a URL."""
    if not path.exists():
        write_private(path, new_password().encode())
    return path.read_text(encoding="ascii").strip()


def new_password() -> str:
    """A random password, fit for a URL."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)
