"""From files on the backend to sealed pictures in the media store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from schemas.media import MediaRef
from services.common.media import Measured, MediaStore
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.download import Download
from services.renderer.comfyui.outcome import OutputFile
from services.renderer.comfyui.patience import until_answered
from services.renderer.errors import AttemptFailedError
from services.renderer.metadata import Clean, UnreadableMediaError, cleaned


async def downloaded(comfyui: ComfyUI, files: Sequence[OutputFile], patience_s: float) -> list[Clean]:
    """
    The files, without metadata, in order.

    Raises:
        AttemptFailedError: A file is gone, too large, or not a picture or video.
        TunnelDownError, BackendDownError, UnexpectedAnswerError: Out of reach for *patience_s*.
    """
    media: list[Clean] = []
    for file in files:
        download = Download(comfyui.transport, file)
        data = await until_answered(download.whole, patience_s)
        try:
            media.append(await asyncio.to_thread(cleaned, data))
        except UnreadableMediaError as exc:
            raise AttemptFailedError("unreadable-output", retryable=True) from exc
    return media


async def stored(store: MediaStore, media: Sequence[Clean]) -> tuple[tuple[MediaRef, ...], dict[UUID, bytes]]:
    """
    Seal and store.

    Returns:
        Where each lies, in order, and the keys that open them.

    Raises:
        BusDownError: As ``MediaStore.put``. What is stored by then has no key any more and stays unreadable.
    """
    refs: list[MediaRef] = []
    keys: dict[UUID, bytes] = {}
    for one in media:
        measured = Measured(
            mime=one.mime, width_px=one.width_px, height_px=one.height_px, duration_s=one.duration_s
        )
        ref, key = await store.put(one.data, measured)
        refs.append(ref)
        keys[ref.media_id] = key
    return tuple(refs), keys
