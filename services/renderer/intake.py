"""Pictures to edit: out of the media store, without metadata, into the backend's input folder."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from schemas.media import MediaRef
from services.common.media import MediaStore
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import until_answered
from services.renderer.errors import AttemptFailedError
from services.renderer.metadata import Clean, UnreadableMediaError, cleaned

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


async def fetched(media: MediaStore, refs: Sequence[MediaRef], keys: Mapping[UUID, bytes]) -> list[Clean]:
    """
    The pictures, in order.

    Raises:
        AttemptFailedError: A key is missing (``media-missing``), or what a key opens is no picture
            (``bad-input-image``): found here, it costs the backend nothing.
        MediaMissingError, UnsealError, BusDownError: As ``MediaStore.get``.
    """
    pictures: list[Clean] = []
    for ref in refs:
        key = keys.get(ref.media_id)
        if key is None:
            raise AttemptFailedError("media-missing", retryable=False)
        plain = await media.get(ref, key)
        try:
            picture = await asyncio.to_thread(cleaned, plain)
        except UnreadableMediaError as exc:
            raise AttemptFailedError("bad-input-image", retryable=False) from exc
        if picture.mime not in _ENDINGS:
            raise AttemptFailedError("bad-input-image", retryable=False)
        pictures.append(picture)
    return pictures


async def uploaded(comfyui: ComfyUI, pictures: Sequence[Clean], patience_s: float) -> tuple[str, ...]:
    """
    Put pictures onto the backend, named by their content, so that one used again is there already.

    Returns:
        What nodes call them, in order.

    Raises:
        AttemptFailedError: A picture is larger than the backend takes.
        TunnelDownError, BackendDownError, UnexpectedAnswerError: Out of reach for *patience_s*.
    """
    names: list[str] = []
    for picture in pictures:
        digest = hashlib.sha256(picture.data).hexdigest()
        name = f"darkroom-{digest}.{_ENDINGS[picture.mime]}"
        # Uploading again is safe: the same name with the same bytes is kept once.
        names.append(
            await until_answered(
                lambda name=name, picture=picture: comfyui.upload(name, picture.data, picture.mime),
                patience_s,
            )
        )
    return tuple(names)
