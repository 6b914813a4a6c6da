"""The small picture that Telegram shows of a video before it plays."""

from __future__ import annotations

import asyncio
import io

from PIL import Image

MOST_BYTES = 200 * 1024
SIDE_PX = 320
_QUALITIES = (85, 60, 30)
_MOST_PIXELS = 50_000_000
# What Pillow makes of a file that is no picture, or not whole.
_DAMAGED = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


async def thumbnail_of(poster: bytes) -> bytes:
    """A JPEG of *poster* as the Bot API takes it; empty when nothing can be made of it."""
    return await asyncio.to_thread(_made, poster)


def _made(poster: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(poster), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return b""
            small = opened.convert("RGB")
    except _DAMAGED:
        return b""
    small.thumbnail((SIDE_PX, SIDE_PX))
    small.info.clear()
    for quality in _QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    return b""
