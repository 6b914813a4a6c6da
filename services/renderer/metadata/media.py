"""The cleaner for a medium, chosen by its first bytes. Names and media types are others' claims."""

from __future__ import annotations

from services.renderer.metadata.clean import Clean, UnreadableMediaError
from services.renderer.metadata.jpeg import clean_jpeg
from services.renderer.metadata.mp4 import clean_mp4, is_mp4
from services.renderer.metadata.png import SIGNATURE, clean_png
from services.renderer.metadata.webp import clean_webp

__all__ = ["Clean", "UnreadableMediaError", "cleaned"]


def cleaned(data: bytes) -> Clean:
    """
    *data* without metadata, losslessly, and what it is.

    Raises:
        UnreadableMediaError: Neither PNG, JPEG, WebP nor MP4, or not well formed. Formats that can't be
            cleaned losslessly are refused: passing them on could pass anything on.
    """
    if data.startswith(SIGNATURE):
        return clean_png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return clean_jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return clean_webp(data)
    if is_mp4(data):
        return clean_mp4(data)
    raise UnreadableMediaError("neither PNG, JPEG, WebP nor MP4")
