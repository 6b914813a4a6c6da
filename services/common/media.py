"""The media store: pictures and videos in JetStream's object store, each sealed under a key of its own."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from uuid import UUID, uuid4

from msgspec import Struct
from nats.js.api import ObjectInfo
from nats.js.errors import BadObjectMetaError, NotFoundError

from schemas import subjects
from schemas.media import MediaRef
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.errors import RejectedError
from services.common.seal import UnsealError, new_key
from services.common.seal_chunks import CHUNK_BYTES, seal_chunks, unseal_chunks

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
    animated: bool = False


class MediaStore:
    """
    Puts and gets sealed media. Objects are never overwritten: each put has an id of its own.

    A medium is sealed while it is sent, and opened as what came is let go, so that a large one is in
    memory once and not three times.
    """

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
        key, media_id = new_key(), uuid4()
        sealed = _Sealing(key, plain)
        try:
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            # The library takes whatever has readinto, and has a thread read from it.
            await bucket.put(str(media_id), sealed)  # pyright: ignore[reportArgumentType]
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
        ref = MediaRef(
            media_id=media_id,
            sealed_sha256=sealed.digest.hexdigest(),
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
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            sealed = await self._sealed(await bucket.get_info(str(ref.media_id)))
        except NotFoundError as exc:
            raise MediaMissingError(str(ref.media_id)) from exc
        except BadObjectMetaError as exc:
            raise UnsealError("a medium's entry in the store can't be read") from exc
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc
        return await asyncio.to_thread(_open, ref, key, sealed)

    async def _sealed(self, info: ObjectInfo) -> deque[bytes]:
        """
        An object's bytes in pieces; raises ``NotFoundError`` when the server lost one of them.

        The library's own ``get`` would wait for a lost chunk for ever, and takes a wrong digest for
        trouble on the line. Here each chunk is asked for, so that each has an answer.
        """
        subject = f"$O.{subjects.MEDIA_BUCKET}.C.{info.nuid}"
        pieces: deque[bytes] = deque()
        held = after = 0
        while held < (info.size or 0):
            chunk = await self._bus.jetstream.get_msg(_STREAM, seq=after + 1, subject=subject, next=True)
            after = chunk.seq or after + 1
            pieces.append(chunk.data or b"")
            held += len(pieces[-1])
        return pieces

    async def delete(self, media_id: UUID) -> None:
        """Delete a medium; one that is gone already is fine. Raises ``BusDownError``."""
        try:
            bucket = await self._bus.jetstream.object_store(subjects.MEDIA_BUCKET)
            await bucket.delete(str(media_id))
        except NotFoundError:
            return
        except BUS_ERRORS as exc:
            raise BusDownError(f"the media store does not answer: {exc}") from exc


class _Sealing(io.RawIOBase):
    """Reads as the sealed bytes of a medium. ``digest`` is theirs, once they are read to the end."""

    def __init__(self, key: bytes, plain: bytes) -> None:
        view = memoryview(plain)
        pieces = (bytes(view[at : at + CHUNK_BYTES]) for at in range(0, len(view), CHUNK_BYTES))
        self._chunks = seal_chunks(key, pieces)
        self._left = b""
        self.digest = hashlib.sha256()

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] - no Buffer before 3.12
        """Fill *buffer*; less than all of it only at the end."""
        filled = 0
        while filled < len(buffer) and (piece := self._left or next(self._chunks, b"")):
            part, self._left = piece[: len(buffer) - filled], piece[len(buffer) - filled :]
            buffer[filled : filled + len(part)] = part
            filled += len(part)
        self.digest.update(memoryview(buffer)[:filled])
        return filled


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
