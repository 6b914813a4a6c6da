"""A hidden service's folder, written anew from the identity: what it held before is not believed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from services.tunnel.host.identity import authorized_line, service_files
from services.tunnel.host.identity_file import new_key

_AUTHORIZED = "authorized_clients"
_NOBODY = ".nobody"  # no client's name has a dot


def write_service(folder: Path, seed: bytes, clients: Mapping[str, bytes] | None) -> None:
    """
    Make *folder* the hidden service of *seed*.

    Args:
        folder: Emptied first.
        seed: Of its ed25519 key.
        clients: Keys of those who are let in; ``None`` for a service that everybody may use.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)  # whatever the umask
    for name, data in service_files(seed).items():
        _write(folder / name, data)
    if clients is not None:
        authorize(folder, clients)


def authorize(folder: Path, clients: Mapping[str, bytes]) -> None:
    """
    Let *clients* and nobody else into the service of *folder*; ``anon`` reads it at its start and on reload.

    One key more is let in, which nobody has: without any, ``anon`` would let everybody in.
    """
    place = folder / _AUTHORIZED
    place.mkdir(exist_ok=True, mode=0o700)
    place.chmod(0o700)
    wanted = {**clients, _NOBODY: new_key()}
    # New ones first: at no moment is the folder empty.
    for name, key in wanted.items():
        _write(place / f"{name}.auth", authorized_line(key).encode())
    for file in place.iterdir():
        if file.name.removesuffix(".auth") not in wanted:
            file.unlink()


def hostname(folder: Path) -> str:
    """The service's address with its suffix, as ``anon`` wrote it; empty until it has."""
    try:
        return (folder / "hostname").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
