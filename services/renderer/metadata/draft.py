"""A copy of a medium whose bytes can be overwritten where they stand."""

from __future__ import annotations

import io

_ZEROS = bytes(64 * 1024)


class Draft:
    """
    For formats with offsets in them: nothing may move, so what only tells is overwritten.

    It takes the medium's size once; ``finished`` copies nothing.
    """

    def __init__(self, data: bytes) -> None:
        self._buffer = io.BytesIO(data)
        self.view = self._buffer.getbuffer()

    def __len__(self) -> int:
        return len(self.view)

    def number(self, at: int, size: int) -> int:
        """The unsigned big-endian number in *size* bytes."""
        return int.from_bytes(self.view[at : at + size], "big")

    def bytes(self, start: int, end: int) -> bytes:
        """A part of it."""
        return bytes(self.view[start:end])

    def write(self, at: int, new: bytes) -> None:
        """Overwrite what stands at *at*."""
        self.view[at : at + len(new)] = new

    def zero(self, start: int, end: int) -> None:
        """Overwrite with zeros; nothing when *end* does not lie behind *start*."""
        for at in range(start, end, len(_ZEROS)):
            size = min(len(_ZEROS), end - at)
            self.view[at : at + size] = _ZEROS[:size]

    def finished(self) -> bytes:
        """What it has become; it can't be changed any more."""
        self.view.release()
        return self._buffer.getvalue()
