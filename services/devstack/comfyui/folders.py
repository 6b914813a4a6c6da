"""Where files lie: the input, output and temp folders, and ComfyUI's rules for names in them."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from msgspec import Struct

_ANNOTATIONS = ("output", "input", "temp")


class SaveTarget(Struct, frozen=True, kw_only=True):
    """Where the next file of a prefix goes."""

    folder: Path
    stem: str
    counter: int
    subfolder: str


class Folders:
    """The three folders under one base."""

    def __init__(self, base: Path) -> None:
        self.base = Path(os.path.normpath(base.absolute()))

    def prepare(self) -> None:
        """Make the folders; empty temp/, which no real server keeps over a restart."""
        shutil.rmtree(self.base / "temp", ignore_errors=True)
        for kind in _ANNOTATIONS:
            (self.base / kind).mkdir(parents=True, exist_ok=True)

    def by_type(self, kind: str) -> Path | None:
        """Folder of a `type` field; None for one ComfyUI does not know."""
        return self.base / kind if kind in _ANNOTATIONS else None

    def split(self, name: str) -> tuple[str, Path | None]:
        """Cut "a.png [output]" into "a.png" and its folder; no folder when nothing says which."""
        for kind in _ANNOTATIONS:
            if name.endswith(f"[{kind}]"):
                return name[: -len(kind) - 3], self.base / kind
        return name, None

    def annotated(self, name: str) -> Path:
        """Path that LoadImage opens for *name*; plain names are inputs."""
        bare, folder = self.split(name)
        return (folder or self.base / "input") / bare

    def save_target(self, prefix: str, root: Path, *, width: int, height: int) -> SaveTarget:
        """
        Find the next free counter of *prefix* under *root*, making its folder.

        Raises:
            Exception: The prefix leads out of *root*. The message names the server's paths.
        """
        wanted = os.path.normpath(_expanded(prefix, width, height))
        subfolder, stem = os.path.split(wanted)
        folder = Path(os.path.normpath(root / subfolder))
        if not folder.is_relative_to(root):
            message = (
                "**** ERROR: Saving image outside the output folder is not allowed."
                f"\n full_output_folder: {folder}\n         output_dir: {root}"
                f"\n         commonpath: {os.path.commonpath((root, folder))}"
            )
            raise Exception(message)  # noqa: TRY002 - clients see the type, and this is ComfyUI's
        folder.mkdir(parents=True, exist_ok=True)
        counter = max((_counter(name.name, stem) for name in folder.iterdir()), default=0) + 1
        return SaveTarget(folder=folder, stem=stem, counter=counter, subfolder=subfolder)


def contained(root: Path, subfolder: str) -> Path | None:
    """*root*/*subfolder*, or None when that lies outside *root*."""
    folder = Path(os.path.normpath(root / subfolder))
    return folder if folder.is_relative_to(root) else None


def is_file(path: Path) -> bool:
    """True for a regular file; a name the system refuses (too long, with a NUL) is simply not one."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _expanded(prefix: str, width: int, height: int) -> str:
    now = time.localtime()
    known = {
        "%width%": str(width),
        "%height%": str(height),
        "%year%": str(now.tm_year),
        "%month%": f"{now.tm_mon:02}",
        "%day%": f"{now.tm_mday:02}",
        "%hour%": f"{now.tm_hour:02}",
        "%minute%": f"{now.tm_min:02}",
        "%second%": f"{now.tm_sec:02}",
    }
    for word, value in known.items():
        prefix = prefix.replace(word, value)
    return prefix


def _counter(name: str, stem: str) -> int:
    """Counter in "<stem>_00012_.png"; 0 for any other name."""
    if not name.startswith(f"{stem}_"):
        return 0
    digits = name[len(stem) + 1 :].split("_", 1)[0]
    return int(digits) if digits.isdecimal() else 0
