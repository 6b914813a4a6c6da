"""A program's log: appended to by the program itself, kept from growing without bound."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
_TAIL_BYTES = 16 * 1024


class LogFile:
    """``<name>.log`` in a folder, with one older ``<name>.log.1`` beside it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.log"
        self._start = 0

    @contextmanager
    def opened(self) -> Generator[int]:
        """A descriptor to append to, for a program that starts now; what it writes counts as this run's."""
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._start = os.fstat(fd).st_size
            yield fd
        finally:
            os.close(fd)

    def rotate(self, max_bytes: int = MAX_BYTES) -> None:
        """
        Start afresh when it has grown past *max_bytes*.

        Copied and truncated, not renamed, because the program keeps its descriptor; a line written
        between the two is lost.
        """
        if not self.path.exists() or self.path.stat().st_size <= max_bytes:
            return
        shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
        os.truncate(self.path, 0)
        self._start = 0

    def last_sentence(self) -> str:
        """The last line in plain words that this run wrote, else its last line of JSON, else nothing."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._start, size - _TAIL_BYTES))
            lines = [
                line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()
            ]
        plain = [line for line in lines if not line.startswith("{")]
        return (plain or lines or [""])[-1]
