"""The identity in its one file: written in one step, read by its owner alone, backed up by a copy."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from services.common.errors import ConfigError
from services.tunnel.host.identity import KEY_BYTES, Identity

_REMEDY = "Put back your backup; without one move the file away, and the host begins with a new address."


def identity_path(home: Path) -> Path:
    """Where it is, below the data directory."""
    return home / "tunnel" / "host" / "identity.json"


def read_identity(path: Path) -> Identity | None:
    """
    The identity in *path*; nothing when there is no such file.

    Raises:
        ConfigError: Somebody else may read or change it, or it is not an identity.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigError(f"{path} can't be read: {exc.strerror}. {_REMEDY}") from exc
    with os.fdopen(fd, "rb") as file:
        mode = stat.S_IMODE(os.fstat(fd).st_mode)
        if mode & 0o077:
            raise ConfigError(
                f"{path} holds keys, and others may use them (mode {mode:04o}). Close it: chmod 600 {path}. "
                "If others had access, move it away and begin with a new address."
            )
        data = file.read()
    try:
        return msgspec.json.decode(data, type=Identity)
    except msgspec.MsgspecError as exc:
        # Not the reason itself: it could quote what stands there.
        raise ConfigError(f"{path} is not an identity of this version. {_REMEDY}") from exc


def write_identity(path: Path, identity: Identity) -> None:
    """Put *identity* into *path*; after a crash the old or the new one stands there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, msgspec.json.encode(identity))


def ensure_identity(path: Path) -> Identity:
    """The identity in *path*, made on first use; raises as ``read_identity``."""
    identity = read_identity(path)
    if identity is None:
        identity = Identity(comfyui=new_key())
        write_identity(path, identity)
    return identity


def known_identity(path: Path) -> Identity:
    """The identity in *path*; raises as ``read_identity``, and ``ConfigError`` when there is none yet."""
    identity = read_identity(path)
    if identity is None:
        raise ConfigError(f"There is no identity in {path} yet: start the host once.")
    return identity


def back_up(path: Path, copy: Path) -> None:
    """
    Copy the identity in *path* to *copy*, which only its owner may read.

    Raises:
        ConfigError: There is no identity yet, there is something else at *copy*, or it can't be written.
    """
    identity = known_identity(path)
    try:
        if copy.exists() and not _is_identity(copy):
            raise ConfigError(f"{copy} is something else and stays as it is. Name another file.")
        _write(copy, msgspec.json.encode(identity))
    except OSError as exc:
        raise ConfigError(f"{copy} can't be written: {exc.strerror}. Name another file.") from exc


def new_key() -> bytes:
    """A fresh secret for a service or a client."""
    return os.urandom(KEY_BYTES)


def _is_identity(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=Identity)
    except msgspec.MsgspecError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # the new name, too, outlives a power failure
    finally:
        os.close(folder)
