"""A picture, video or sound as the services refer to it: never its bytes, never its key in the clear."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class StillRef(Struct, frozen=True, kw_only=True):
    """
    Where sealed media lies, and what it is once opened.

    Attributes:
        media_id: Name in the object store.
        sealed_sha256: Hex digest of the sealed bytes, so that the log can vouch for them.
        size_bytes: Size of the plain bytes.
        mime: Media type of the plain bytes.
        width_px: Width, of the first frame for a video; 0 for a sound.
        height_px: Height, likewise.
    """

    media_id: UUID
    sealed_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Meta(ge=0)]
    mime: str
    width_px: Annotated[int, Meta(ge=0)]
    height_px: Annotated[int, Meta(ge=0)]


class MediaRef(StillRef, frozen=True, kw_only=True):
    """
    A medium that may move or sound.

    Attributes:
        duration_s: Length of a video or sound; 0 for a picture that stands still.
        animated: A picture that moves (animated WebP, PNG or GIF).
        poster: A still picture of a video, to show before it plays; sealed under a key of its own.
    """

    duration_s: Annotated[float, Meta(ge=0)] = 0.0
    animated: bool = False
    poster: StillRef | None = None

    @property
    def is_still(self) -> bool:
        """Whether it is a picture that stands still, and so can be edited."""
        return self.mime.startswith("image/") and not self.animated
