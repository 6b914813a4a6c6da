"""The cleaner for a medium, chosen by its first bytes. Names and media types are others' claims."""

from __future__ import annotations

from collections.abc import Callable

from services.renderer.metadata.clean import Clean, UnknownFormatError, UnreadableMediaError
from services.renderer.metadata.flac import clean_flac, is_flac
from services.renderer.metadata.gif import clean_gif, is_gif
from services.renderer.metadata.jpeg import clean_jpeg, is_jpeg
from services.renderer.metadata.matroska import clean_matroska, is_matroska
from services.renderer.metadata.mp3 import clean_mp3, is_mp3
from services.renderer.metadata.mp4 import clean_mp4, is_mp4
from services.renderer.metadata.ogg import clean_ogg, is_ogg
from services.renderer.metadata.png import clean_png, is_png
from services.renderer.metadata.wav import clean_wav, is_wav
from services.renderer.metadata.webp import clean_webp, is_webp

# MP3 last: it has no signature, only frames.
_CLEANERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Clean]], ...] = (
    (is_png, clean_png),
    (is_jpeg, clean_jpeg),
    (is_webp, clean_webp),
    (is_gif, clean_gif),
    (is_mp4, clean_mp4),
    (is_matroska, clean_matroska),
    (is_wav, clean_wav),
    (is_ogg, clean_ogg),
    (is_flac, clean_flac),
    (is_mp3, clean_mp3),
)

_SIDE_PX_MAX = 1 << 16
_DURATION_S_MAX = 7 * 24 * 3600.0


def cleaned(data: bytes) -> Clean:
    """
    *data* without metadata, losslessly, and what it is.

    Raises:
        UnknownFormatError: No format that can be cleaned losslessly.
        UnreadableMediaError: Such a format, but not well formed.
    """
    for begins, clean in _CLEANERS:
        if begins(data):
            found = clean(data)
            if max(found.width_px, found.height_px) > _SIDE_PX_MAX or found.duration_s > _DURATION_S_MAX:
                raise UnreadableMediaError("a medium larger or longer than any")
            return found
    raise UnknownFormatError("a format without a cleaner")
