"""From files on the backend to sealed media in the store, one after the other: each may be large."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from schemas.media import MediaRef, StillRef
from services.common.media import Measured, MediaStore
from services.renderer.ahead import Ahead
from services.renderer.cleaning import cleaned_aside
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.download import MIB, Download, too_large
from services.renderer.comfyui.outputs import OutputFile
from services.renderer.comfyui.patience import until_answered
from services.renderer.errors import AttemptFailedError
from services.renderer.metadata import Clean, UnknownFormatError, UnreadableMediaError
from services.renderer.poster import poster_of

JOB_BYTES_MAX = 1024 * MIB
"""All files of a job together."""

_KIND_CHARACTERS = 8


class Delivered(Struct, frozen=True, kw_only=True):
    """
    What lies in the store now.

    Attributes:
        media: In the order of the files.
        keys: What opens each of them, and each of their posters.
        download_s: Seconds that fetching and cleaning took.
    """

    media: tuple[MediaRef, ...]
    keys: dict[UUID, bytes]
    download_s: float


async def delivered(
    comfyui: ComfyUI, store: MediaStore, files: Sequence[OutputFile], ahead: Ahead, patience_s: float
) -> Delivered:
    """
    Fetch what *ahead* has not, strip, seal and store.

    Of one file at a time, there is never more in memory than twice its size.

    Raises:
        AttemptFailedError: A file is gone, too large, damaged, or of a kind that can't be stripped.
        TunnelDownError, BackendDownError, UnexpectedAnswerError: Out of reach for *patience_s*.
        BusDownError: As ``MediaStore.put``. After any failure, what is stored by then has no key any
            more and stays unreadable.
    """
    clock = asyncio.get_running_loop().time
    media: list[MediaRef] = []
    keys: dict[UUID, bytes] = {}
    download_s, size_bytes = 0.0, 0
    for file in files:
        began = clock()
        clean = await ahead.take(file) or await _fetched(comfyui, file, patience_s)
        download_s += clock() - began
        size_bytes += len(clean.data)
        if size_bytes > JOB_BYTES_MAX:
            raise too_large(JOB_BYTES_MAX)
        media.append(await _stored(store, clean, keys))
    return Delivered(media=tuple(media), keys=keys, download_s=download_s)


async def _fetched(comfyui: ComfyUI, file: OutputFile, patience_s: float) -> Clean:
    data = await until_answered(Download(comfyui.transport, file).whole, patience_s)
    try:
        return await cleaned_aside(data)
    except UnknownFormatError as exc:
        raise AttemptFailedError("unknown-output", retryable=False, details=_kind(file)) from exc
    except UnreadableMediaError as exc:
        raise AttemptFailedError("unreadable-output", retryable=True) from exc


async def _stored(store: MediaStore, clean: Clean, keys: dict[UUID, bytes]) -> MediaRef:
    ref = await _put(store, clean, keys)
    if not clean.mime.startswith("video/"):
        return ref
    poster = await poster_of(clean.data)
    if poster is None:
        structlog.get_logger().warning("a video without a poster", mime=clean.mime, size=len(clean.data))
        return ref
    still = await _put(store, poster, keys)
    return replace(
        ref,
        poster=StillRef(
            media_id=still.media_id,
            sealed_sha256=still.sealed_sha256,
            size_bytes=still.size_bytes,
            mime=still.mime,
            width_px=still.width_px,
            height_px=still.height_px,
        ),
    )


async def _put(store: MediaStore, clean: Clean, keys: dict[UUID, bytes]) -> MediaRef:
    measured = Measured(
        mime=clean.mime,
        width_px=clean.width_px,
        height_px=clean.height_px,
        duration_s=clean.duration_s,
        animated=clean.animated,
    )
    ref, key = await store.put(clean.data, measured)
    keys[ref.media_id] = key
    return ref


def _kind(file: OutputFile) -> dict[str, str]:
    """What the file's name ends with, if that is a word: a person reads it."""
    ending = PurePath(file.filename).suffix.removeprefix(".")
    is_word = ending.isascii() and ending.isalnum() and len(ending) <= _KIND_CHARACTERS
    return {"ending": ending.lower() if is_word else "?"}
