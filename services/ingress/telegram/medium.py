"""What a picture or video goes to Telegram as. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from schemas.media import MediaRef

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
_MAX_PHOTO_BYTES = 10 * 1024 * 1024
_MAX_PHOTO_SIDES_PX = 10_000  # width and height together
_MAX_PHOTO_RATIO = 20
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_EXTENSIONS = {"jpeg": "jpg", "quicktime": "mov"}

Kind = Literal["photo", "video", "document"]


class Medium(Struct, frozen=True, kw_only=True):
    """A file to send, and how. Its name says nothing of what is on it."""

    kind: Kind
    data: bytes
    file_name: str
    width_px: int
    height_px: int
    duration_s: int

    def as_document(self) -> Medium:
        """The same as a plain file, which Telegram leaves as it is."""
        return replace(self, kind="document")


def medium_of(media: MediaRef, data: bytes) -> Medium | None:
    """*media* as Telegram takes it; nothing when it takes it in no way."""
    if len(data) > MAX_UPLOAD_BYTES:
        return None
    return Medium(
        kind=_kind(media, data),
        data=data,
        file_name=f"darkroom.{_extension(media.mime)}",
        width_px=media.width_px,
        height_px=media.height_px,
        duration_s=max(1, round(media.duration_s)),
    )


def _kind(media: MediaRef, data: bytes) -> Kind:
    if media.mime == "video/mp4":
        return "video"
    long, short = max(media.width_px, media.height_px), max(1, min(media.width_px, media.height_px))
    is_photo = (
        media.mime in _PHOTOS
        and len(data) <= _MAX_PHOTO_BYTES
        and long + short <= _MAX_PHOTO_SIDES_PX
        and long / short <= _MAX_PHOTO_RATIO
    )
    return "photo" if is_photo else "document"


def _extension(mime: str) -> str:
    kind = mime.partition("/")[2]
    return _EXTENSIONS.get(kind, kind) or "bin"
