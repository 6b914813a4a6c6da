"""A preview frame made small, as a JPEG that holds nothing but the picture. Pure, and slow: use a thread."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

SIDE_PX_MAX = 512
BYTES_MAX = 64 * 1024

_PIXELS_MAX = 4096 * 4096
_QUALITIES = (75, 50, 25)


def thumbnail(picture: bytes) -> bytes:
    """
    *picture* (JPEG or PNG) no larger than ``SIDE_PX_MAX`` and ``BYTES_MAX``; empty when it can't be read.

    It is painted anew: of the bytes that came nothing is passed on.
    """
    try:
        with Image.open(BytesIO(picture), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > _PIXELS_MAX:
                return b""
            opened.draft("RGB", (SIDE_PX_MAX, SIDE_PX_MAX))
            small = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    small.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
    small.info.clear()  # a comment would be written again
    for quality in _QUALITIES:
        buffer = BytesIO()
        small.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= BYTES_MAX:
            return buffer.getvalue()
    return b""
