"""The media store: pictures and videos in JetStream's object store, each sealed under a key of its own."""

from __future__ import annotations

import asyncio
import hashlib
from uuid import UUID, uuid4

from msgspec import Struct
from nats.js.api import ObjectInfo
from nats.js.errors import BadObjectMetaError, NotFoundError

from schemas import subjects
from schemas.media import MediaRef
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.errors import RejectedError
from services.common.seal import UnsealError, new_key
from services.common.seal_chunks import seal_chunks, unseal_chunks

_STREAM = f"OBJ_{subjects.MEDIA_BUCKET}"


class MediaMissingError(RejectedError):
    """The media store does not have it (any more)."""

    code = "media-missing"


class Measured(Struct, frozen=True, kw_only=True):
    """What is known of a medium before it is sealed; fields as in ``MediaRef``."""

    mime: str
    width_px: int
    height_px: int
    duration_s: float = 0.0


class MediaStore:
    """Puts and gets sealed media. Objects are never overwritten: each put has an id of its own."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, plain: bytes, measured: Measured) -> tuple[MediaRef, bytes]:
        """
        Seal and store.

        Returns:
            Where it lies, and the key that opens it: to be kept sealed, never beside it.

        Raises:
            BusDownError: It was not stored, or it is not known whether it was.
        """
        key = new_key()
        sealed = await asyncio.to_thread(lambda: b"".join(seal_chunks(key, [plain])))
        ref = MediaRef(
            media_id=uuid4(),
            sealed_sha256=hashlib.sha256(sealed).hexdigest(),
            size_bytes=len(plain),
            mime=measured.mime,
            width_px=measured.width_px,
            height_px=measured.height_px,
            duration_s=measured.duration_s,
        )
        try:
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            await bucket.put(str(ref.media_id), sealed)
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
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
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            sealed = await self._sealed(await bucket.get_info(str(ref.media_id)))
        except NotFoundError as exc:
            raise MediaMissingError(str(ref.media_id)) from exc
        except BadObjectMetaError as exc:
            raise UnsealError("a medium's entry in the store can't be read") from exc
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
        return await asyncio.to_thread(_open, ref, key, sealed)

    async def _sealed(self, info: ObjectInfo) -> bytes:
        """
        An object's bytes, chunk after chunk; raises ``NotFoundError`` when the server lost one of them.

        The library's own ``get`` would wait for a lost chunk for ever, and takes a wrong digest for
        trouble on the line. Here each chunk is asked for, so that each has an answer.
        """
        subject = f"$O.{subjects.MEDIA_BUCKET}.C.{info.nuid}"
        sealed = bytearray()
        after = 0
        while len(sealed) < (info.size or 0):
            chunk = await self._bus.jetstream.get_msg(_STREAM, seq=after + 1, subject=subject, next=True)
            after = chunk.seq or after + 1
            sealed += chunk.data or b""
        return bytes(sealed)

    async def delete(self, media_id: UUID) -> None:
        """Delete a medium; one that is gone already is fine. Raises ``BusDownError``."""
        try:
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            await bucket.delete(str(media_id))
        except NotFoundError:
            return
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc


def _open(ref: MediaRef, key: bytes, sealed: bytes) -> bytes:
    if hashlib.sha256(sealed).hexdigest() != ref.sealed_sha256:
        raise UnsealError("a medium in the store is not the one that was put there")
    return b"".join(unseal_chunks(key, [sealed]))
