"""A key that a host gave out, put where ``anon`` looks for it: it opens one hidden service."""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path

from services.common.errors import ConfigError
from services.tunnel.hidden_service import fault

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_KEY_CHARACTERS = 52
_KEY_BYTES = 32


def folder_of(home: Path) -> Path:
    """What ``ClientOnionAuthDir`` names."""
    return home / "tunnel" / "client" / "authorized"


def authorize(home: Path, name: str, address: str, key: str, tld: str) -> Path:
    """
    Keep *key* for the hidden service at *address*.

    Args:
        home: The data directory.
        name: What the backend is to be called; a key that it had before is replaced.
        address: As its host printed it, with its suffix.
        key: Likewise, in base32.
        tld: What addresses end in for the program that is used here.

    Returns:
        The file, which only its owner may read.

    Raises:
        ConfigError: One of the three is mistyped or of another network, another backend has that address, or
            the file can't be written. The key is never repeated.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} can't be a backend's name. Use up to 32 of a-z, 0-9 and -.")
    address = address.strip().lower().removeprefix("http://").rstrip("/").removesuffix(":80")
    if wrong := fault(address, tld):
        raise ConfigError(
            f"{address} is not an address for the program here: {wrong}. Copy it as the host prints it."
        )
    label = address.split(".")[-2]
    line = f"{label}:descriptor:x25519:{_checked(key)}\n"
    folder = folder_of(home)
    path = folder / f"{name}.auth_private"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        _refuse_second(folder, path, label)
        _write(path, line.encode())
    except OSError as exc:
        raise ConfigError(f"{path} can't be written: {exc.strerror}. Choose another data directory.") from exc
    return path


def _checked(key: str) -> str:
    key = key.strip().upper()
    try:
        is_key = len(key) == _KEY_CHARACTERS and len(base64.b32decode(f"{key}====")) == _KEY_BYTES
    except binascii.Error:
        is_key = False
    if not is_key:
        raise ConfigError(
            f"That is no key: a key has {_KEY_CHARACTERS} of A-Z and 2-7. "
            "Copy the whole line that the host printed."
        )
    return key


def _refuse_second(folder: Path, path: Path, label: str) -> None:
    # Of two keys for one service anon takes either, and tells nobody which.
    for other in folder.glob("*.auth_private"):
        if other != path and other.read_text(encoding="ascii", errors="replace").startswith(f"{label}:"):
            raise ConfigError(
                f"{other.name.removesuffix('.auth_private')!r} has that address already. "
                f"Use that name, or delete {other} first."
            )


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
