"""Passwords in files that only their owner may read."""

from __future__ import annotations

import secrets
from pathlib import Path

from services.common.private_file import write_private

__all__ = ["new_password", "password", "write_private"]

_PASSWORD_BYTES = 24


def password(path: Path) -> str:
    """The password in *path*, made on first use; fit for a URL."""
    if not path.exists():
        write_private(path, new_password().encode())
    return path.read_text(encoding="ascii").strip()


def new_password() -> str:
    """A random password, fit for a URL."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)
