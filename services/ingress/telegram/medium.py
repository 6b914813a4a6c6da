"""What a picture, video or sound goes to Telegram as. Pure."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from schemas.media import MediaRef
from services.ingress.formats import extension

_MB = 1024 * 1024
_UPLOAD_BYTES = 50 * _MB
_UPLOAD_ELSEWHERE_BYTES = 2000 * _MB
_TELEGRAMS_OWN = "api.telegram.org"
_MAX_PHOTO_BYTES = 10 * _MB
_MAX_PHOTO_SIDES_PX = 10_000  # width and height together
_MAX_PHOTO_RATIO = 20
_MAX_SIDE_PX = 10_000  # of a video or animation, or the Bot API does not take the call
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
# What Telegram's music player plays; any other sound is a file to it.
_SOUNDS = frozenset({"audio/mpeg", "audio/mp4"})

Kind = Literal["photo", "video", "animation", "audio", "document"]


class Medium(Struct, frozen=True, kw_only=True):
    """
    A file to send, and how. Its name says nothing of what is on it.

    Attributes:
        kind: What Telegram is to take it for.
        data: Its bytes.
        file_name: What it is called.
        width_px: Width, 0 for a sound.
        height_px: Height, likewise.
        duration_s: Whole seconds, 0 for what stands still.
        thumbnail: A small JPEG to show before it plays, or empty.
    """

    kind: Kind
    data: bytes
    file_name: str
    width_px: int
    height_px: int
    duration_s: int
    thumbnail: bytes = b""

    def as_document(self) -> Medium:
        """The same as a plain file, which Telegram leaves as it is."""
        return replace(self, kind="document")


def upload_limit_bytes(api_url: str) -> int:
    """
    How large a file may be that is offered to the Bot API server at *api_url*.

    Telegram's own takes 50 MB from a bot. One of the operator's own takes 2,000 MB if it runs with
    ``--local``; if not, it says so when it is offered more.
    """
    is_telegrams = urlsplit(api_url).hostname == _TELEGRAMS_OWN
    return _UPLOAD_BYTES if is_telegrams else _UPLOAD_ELSEWHERE_BYTES


def medium_of(media: MediaRef, data: bytes, thumbnail: bytes = b"") -> Medium:
    """*media* as Telegram takes it."""
    return Medium(
        kind=_kind(media, data),
        data=data,
        file_name=f"darkroom.{extension(media.mime)}",
        width_px=media.width_px,
        height_px=media.height_px,
        duration_s=max(1, round(media.duration_s)) if media.duration_s else 0,
        thumbnail=thumbnail,
    )


def _kind(media: MediaRef, data: bytes) -> Kind:
    if media.mime in _SOUNDS:
        return "audio"
    long, short = max(media.width_px, media.height_px), max(1, min(media.width_px, media.height_px))
    if long <= _MAX_SIDE_PX and media.mime == "video/mp4":
        return "video"
    if long <= _MAX_SIDE_PX and media.mime == "image/gif":
        return "animation"
    is_photo = (
        media.mime in _PHOTOS
        and not media.animated  # of which a photo would be the first frame only
        and len(data) <= _MAX_PHOTO_BYTES
        and long + short <= _MAX_PHOTO_SIDES_PX
        and long / short <= _MAX_PHOTO_RATIO
    )
    return "photo" if is_photo else "document"
