"""What a medium is to a person, and how its file is called. Pure; both channels share it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from schemas.media import MediaRef

Nature = Literal["still", "animated", "video", "audio"]
"""A picture that stands still, one that moves, a video with a player's controls, a sound."""

# What is not here could be a page, and is handed out as bytes without a meaning.
_EXTENSIONS = {
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "audio/x-matroska": "mka",
    # Every program that shows PNGs shows at least the first frame of one that moves.
    "image/apng": "png",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
}
UNKNOWN = "bin"


def nature(media: MediaRef) -> Nature:
    """What *media* is shown as."""
    match media.mime.partition("/")[0]:
        case "video":
            return "video"
        case "audio":
            return "audio"
        case _:
            return "animated" if media.animated else "still"


def extension(mime: str) -> str:
    """What a file of that type is called after the dot; ``UNKNOWN`` when it is not a medium we know."""
    return _EXTENSIONS.get(mime, UNKNOWN)


def file_name(image_id: UUID, mime: str) -> str:
    """What a download is called: nothing of the words it was made of, only which one it is."""
    return f"darkroom-{str(image_id)[:8]}.{extension(mime)}"
