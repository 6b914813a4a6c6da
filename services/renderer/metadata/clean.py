"""What every format's cleaner gives and raises."""

from __future__ import annotations

from msgspec import Struct

from services.common.errors import RejectedError


class UnreadableMediaError(RejectedError):
    """Not a picture or video that can be cleaned: another format, cut off, or not well formed."""

    code = "unreadable-media"


class Clean(Struct, frozen=True, kw_only=True):
    """
    A medium without metadata.

    Attributes:
        data: Its bytes; what they show is untouched.
        mime: Media type, told from the bytes.
        width_px: Width as shown.
        height_px: Height as shown.
        duration_s: Length of a video; 0 for a picture.
    """

    data: bytes
    mime: str
    width_px: int
    height_px: int
    duration_s: float = 0.0


def shown_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Size as shown: from orientation 5 on a picture lies on its side. Raises when there is none."""
    if width < 1 or height < 1:
        raise UnreadableMediaError("a picture without a size")
    return (height, width) if orientation >= 5 else (width, height)
