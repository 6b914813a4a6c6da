"""Which bytes of a medium are wanted: a player jumps within a video by asking for parts. Pure."""

from __future__ import annotations

from typing import Literal

Part = tuple[int, int] | Literal["none"] | None
"""First byte and the one after the last; ``none``: there is no such part; nothing: all is wanted."""


def wanted_bytes(asked: slice, size_bytes: int) -> Part:
    """
    The part that a ``Range`` header means.

    Args:
        asked: As aiohttp reads it: a negative start counts from the end.
        size_bytes: Of the whole.
    """
    if asked.start is None:
        return None
    start = int(asked.start)
    if start < 0:
        start = max(0, size_bytes + start)
    stop = size_bytes if asked.stop is None else min(int(asked.stop), size_bytes)
    return (start, stop) if start < stop else "none"
