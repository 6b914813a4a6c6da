"""The media store: pictures and videos in JetStream's object store, each sealed under a key of its own."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from uuid import UUID, uuid4

from msgspec import Struct
from nats.js.errors import NotFoundError

from schemas.media import MediaRef
from services.common.bucket import CHUNK_BYTES, Bucket
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.errors import RejectedError
from services.common.seal import UnsealError, new_key
from services.common.seal_chunks import CHUNK_BYTES as SEALED_AT_ONCE
from services.common.seal_chunks import seal_chunks, sealed_size, unseal_chunks

_SMALL_BYTES = 256 * 1024
"""Opened before a thread would have begun with it."""


class MediaMissingError(RejectedError):
    """The media store does not have it (any more)."""

    code = "media-missing"


class Measured(Struct, frozen=True, kw_only=True):
    """What is known of a medium before it is sealed; fields as in ``MediaRef``."""

    mime: str
    width_px: int
    height_px: int
    duration_s: float = 0.0
    animated: bool = False


class MediaStore:
    """
    Puts and gets sealed media. Objects are never overwritten: each put has an id of its own.

    A medium is sealed while it is sent, and opened as what came is let go, so that a large one is in
    memory once and not three times.
    """

    def __init__(self, bus: Bus) -> None:
        self._bucket = Bucket(bus)

    async def put(self, plain: bytes, measured: Measured) -> tuple[MediaRef, bytes]:
        """
        Seal and store.

        Returns:
            Where it lies, and the key that opens it: to be kept sealed, never beside it.

        Raises:
            BusDownError: It was not stored, or it is not known whether it was.
        """
        key, media_id = new_key(), uuid4()
        try:
            digest = await self._bucket.put(media_id, _sealed(key, plain))
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
        ref = MediaRef(
            media_id=media_id,
            sealed_sha256=digest,
            size_bytes=len(plain),
            mime=measured.mime,
            width_px=measured.width_px,
            height_px=measured.height_px,
            duration_s=measured.duration_s,
            animated=measured.animated,
        )
        return ref, key

    async def get(self, ref: MediaRef, key: bytes) -> bytes:
        """
        Fetch and open.

        Raises:
            MediaMissingError: It is gone.
            UnsealError: It is not what was stored, or the key is not its own.
            BusDownError: The store does not answer.
        """
        try:
            sealed = await self._bucket.get(ref.media_id, sealed_size(ref.size_bytes))
        except NotFoundError as exc:
            raise MediaMissingError(str(ref.media_id)) from exc
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
        if ref.size_bytes <= _SMALL_BYTES:
            return _open(ref, key, sealed)
        return await asyncio.to_thread(_open, ref, key, sealed)

    async def delete(self, media_id: UUID) -> None:
        """Delete a medium; one that is gone already is fine. Raises ``BusDownError``."""
        try:
            await self._bucket.delete(media_id)
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc


def _sealed(key: bytes, plain: bytes) -> Iterator[bytes]:
    """The sealed bytes of a medium, sealed as they are drawn, in pieces that the bucket takes."""
    view = memoryview(plain)
    pieces = (bytes(view[at : at + SEALED_AT_ONCE]) for at in range(0, len(view), SEALED_AT_ONCE))
    held = bytearray()
    for sealed in seal_chunks(key, pieces):
        if held and len(held) + len(sealed) > CHUNK_BYTES:
            yield bytes(held)
            held.clear()
        held += sealed
    yield bytes(held)


def _open(ref: MediaRef, key: bytes, sealed: deque[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in sealed:
        digest.update(piece)
    if digest.hexdigest() != ref.sealed_sha256:
        raise UnsealError("a medium in the store is not the one that was put there")
    plain = io.BytesIO()
    for chunk in unseal_chunks(key, _emptied(sealed)):
        plain.write(chunk)
    return plain.getvalue()


def _emptied(pieces: deque[bytes]) -> Iterator[bytes]:
    """Each piece, which nothing holds any more then."""
    while pieces:
        yield pieces.popleft()
