"""What every format's cleaner gives and raises."""

from __future__ import annotations

from msgspec import Struct

from services.common.errors import RejectedError


class UnreadableMediaError(RejectedError):
    """Nothing that can be cleaned: cut off, not well formed, or of a kind that nobody here knows."""

    code = "unreadable-media"


class UnknownFormatError(UnreadableMediaError):
    """A format without a cleaner. Passing it on could pass anything on."""

    code = "unknown-format"


class Clean(Struct, frozen=True, kw_only=True):
    """
    A medium without metadata.

    Attributes:
        data: Its bytes; what they show or sound like is untouched.
        mime: Media type, told from the bytes.
        width_px: Width as shown; 0 for a sound.
        height_px: Height as shown; 0 for a sound.
        duration_s: Length of what moves or sounds; 0 for a picture that stands still.
        animated: A picture of several frames.
    """

    data: bytes
    mime: str
    width_px: int = 0
    height_px: int = 0
    duration_s: float = 0.0
    animated: bool = False


def shown_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Size as shown: from orientation 5 on a picture lies on its side. Raises when there is none."""
    if width < 1 or height < 1:
        raise UnreadableMediaError("a picture without a size")
    return (height, width) if orientation >= 5 else (width, height)
