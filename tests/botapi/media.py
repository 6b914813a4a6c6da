"""Photos, videos, animations, sounds and documents, looked at as Telegram looks at them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import av
from av.stream import Disposition
from PIL import Image, UnidentifiedImageError

from tests.botapi.refusal import ViolationError

PHOTO_LIMIT_BYTES = 10 * 1024 * 1024
PHOTO_SIDES_LIMIT_PX = 10_000
PHOTO_RATIO_LIMIT = 20
# Telegram keeps a photo in these boxes, smallest first, as far as the original reaches.
PHOTO_BOXES_PX = (90, 320, 800, 1280, 2560)
THUMBNAIL_LIMIT_BYTES = 200 * 1024
THUMBNAIL_SIDE_PX = 320
IMAGE_ERRORS = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Stored:
    """One file as Telegram keeps it."""

    file_id: str
    unique_id: str
    extension: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def ids(self) -> dict[str, Any]:
        """What every file object says of itself."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }


@dataclass(frozen=True)
class Media:
    """A medium in a message. A photo has several files, smallest first; the last one is the original."""

    kind: str  # photo | video | animation | audio | document
    files: tuple[Stored, ...] = field(repr=False)
    file_name: str = ""
    mime_type: str = ""
    duration_s: int = 0
    thumbnail: bytes = field(default=b"", repr=False)

    @property
    def data(self) -> bytes:
        """The bytes as they were uploaded."""
        return self.files[-1].data


@dataclass(frozen=True)
class Film:
    """What a container says about its first video stream."""

    width: int
    height: int
    duration_s: int


def image_size_px(data: bytes) -> tuple[int, int] | None:
    """Width and height of an image that decodes to its last row, else None."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return image.size
    except IMAGE_ERRORS:
        return None


def check_photo(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, or ViolationError as sendPhoto answers."""
    if len(data) > PHOTO_LIMIT_BYTES:
        raise ViolationError(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {PHOTO_LIMIT_BYTES} bytes"
        )
    size = image_size_px(data)
    if size is None:
        raise ViolationError("IMAGE_PROCESS_FAILED")
    if sum(size) > PHOTO_SIDES_LIMIT_PX or max(size) > PHOTO_RATIO_LIMIT * min(size):
        raise ViolationError("PHOTO_INVALID_DIMENSIONS")
    return size


def check_thumbnail(data: bytes) -> None:
    """A thumbnail is a small JPEG: 200 kB, 320 px."""
    size = image_size_px(data)
    small = len(data) <= THUMBNAIL_LIMIT_BYTES and size is not None and max(size) <= THUMBNAIL_SIDE_PX
    if not small or not data.startswith(b"\xff\xd8"):
        raise ViolationError("thumbnail must be a JPEG of at most 200 kB and 320 px")


def smaller_photos(data: bytes, size: tuple[int, int]) -> list[tuple[bytes, int, int]]:
    """The reduced JPEGs that come before the original in a PhotoSize array."""
    made: list[tuple[bytes, int, int]] = []
    for box_px in PHOTO_BOXES_PX:
        if box_px >= max(size):
            break
        with Image.open(io.BytesIO(data)) as image:
            copy = image.convert("RGB")
        copy.thumbnail((box_px, box_px))
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=80)
        made.append((out.getvalue(), *copy.size))
    return made


def film(data: bytes) -> Film | None:
    """The first video stream of an MP4, or None if Telegram would not play it."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if "mp4" not in container.format.name or not container.streams.video:
                return None
            stream = container.streams.video[0]
            duration_s = round((container.duration or 0) / 1_000_000)
            return Film(stream.width, stream.height, duration_s)
    except (av.FFmpegError, ValueError):
        return None


def tune(data: bytes) -> int | None:
    """Whole seconds of an MP3 or M4A, or None for what Telegram's music player does not play."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            names = set(container.format.name.split(","))
            if not names & {"mp3", "m4a"} or not container.streams.audio or _has_film(container):
                return None
            return round((container.duration or 0) / 1_000_000)
    except (av.FFmpegError, ValueError):
        return None


def _has_film(container: av.container.InputContainer) -> bool:
    """A cover is a stream as well, but no film."""
    return any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video)


def check_measures(told: Mapping[str, Any], media: Media) -> None:
    """What a client says of its file must be so: Telegram believes it, and shows the file that way."""
    stored = media.files[-1]
    found = {"width": stored.width, "height": stored.height, "duration": media.duration_s}
    for name, value in found.items():
        off_by = abs(told.get(name, value) - value)
        if off_by > (1 if name == "duration" else 0) and media.kind != "document":
            raise ViolationError(f"{name} is told as {told[name]}, but is {value}")
