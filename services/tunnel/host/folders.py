"""
ComfyUI's folders on this machine: looking for files, and deleting them.

No path is ever put together from what came over the network. Every file is met by walking down from the
folder's own descriptor, without following links; it is looked at, and deleted, within the descriptor of
the folder it was met in.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from services.common.errors import ConfigError


class Found(Struct, frozen=True, kw_only=True):
    """
    A regular file.

    Attributes:
        subfolder: From the folder that was walked, with slashes; empty at its top.
        name: In there.
        changed_at: When its content last changed, in seconds since 1970.
    """

    subfolder: str
    name: str
    changed_at: float


class Folders(Struct, frozen=True, kw_only=True):
    """Where ComfyUI keeps its files."""

    input: Path
    output: Path
    temp: Path

    @classmethod
    def checked(cls, **places: Path) -> Folders:
        """
        The folders of these names, with links on the way to them resolved once and for all.

        Raises:
            ConfigError: One is not there, or may not be changed, or two are the same.
        """
        resolved = {name: _checked(name, place) for name, place in places.items()}
        if len(set(resolved.values())) != len(resolved):
            raise ConfigError("ComfyUI's input, output and temp folders must be three different ones.")
        return cls(**resolved)


def delete(
    folder: Path, named: Callable[[str], bool], chosen: Callable[[Found], bool] = lambda _: True
) -> list[Found]:
    """
    Delete the regular files below *folder* whose name is *named* and that are *chosen*; returns those that
    are gone now. Only files of such names are looked at: the owner may have a great many others.

    What can't be deleted stays and is not counted. A folder that is not there holds nothing: ComfyUI makes
    its temp folder when it first needs it.
    """
    gone: list[Found] = []
    if not folder.is_dir():
        return gone
    for path, _, names, fd in os.fwalk(folder, follow_symlinks=False):
        subfolder = "" if Path(path) == folder else Path(path).relative_to(folder).as_posix()
        for name in names:
            found = _look(fd, subfolder, name) if named(name) else None
            if found is not None and chosen(found):
                with suppress(OSError):
                    os.unlink(name, dir_fd=fd)
                    gone.append(found)
    return gone


def _look(fd: int, subfolder: str, name: str) -> Found | None:
    try:
        status = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except OSError:
        return None  # gone meanwhile
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(subfolder=subfolder, name=name, changed_at=status.st_mtime)


def _checked(name: str, place: Path) -> Path:
    setting = f"TUNNEL_COMFYUI_{name.upper()}_DIR"
    try:
        resolved = place.expanduser().resolve(strict=name != "temp")
    except OSError as exc:
        raise ConfigError(
            f"ComfyUI's {name} folder {place} can't be used: {exc.strerror}. Name the folder that holds "
            f"input, output and temp with --comfyui-dir, or this one with {setting}."
        ) from exc
    if resolved.exists() and not (resolved.is_dir() and os.access(resolved, os.R_OK | os.W_OK | os.X_OK)):
        raise ConfigError(
            f"ComfyUI's {name} folder {resolved} can't be changed by this user, so nothing could be purged "
            f"there. Run the host as ComfyUI's own user, or name another folder with {setting}."
        )
    return resolved
