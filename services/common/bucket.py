"""
The media bucket on the wire: objects as NATS's object store has them, in one round trip each way.

The library asks for the bucket, then for an older object, sends chunk after chunk and then the entry,
each awaited: five round trips for a small picture, of which each write waits for the disk. Our objects
are written once and named by a fresh id, so nothing has to be asked first, and the chunks lie where the
name says.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
from nats.js import api
from nats.js.api import Header
from nats.js.errors import NotFoundError

from schemas import subjects
from services.common.bus import PUBLISH_TIMEOUT_S, Bus, BusDownError

CHUNK_BYTES = 512 * 1024
"""The fewer the better, for each is a write to the disk; NATS carries up to 1 MiB."""

_STREAM = f"OBJ_{subjects.MEDIA_BUCKET}"
_ON_THE_WAY = 4
"""Chunks that are not acknowledged yet: more would only be memory."""


class Bucket:
    """
    Reads and writes objects.

    Raises:
        NatsError, OSError, TimeoutError, BusDownError: From every method: NATS does not answer.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._jetstream = bus.jetstream

    async def put(self, name: UUID, chunks: Iterable[bytes]) -> str:
        """
        Write an object that was never there before; returns the SHA-256 of its bytes, in hexadecimal.

        Args:
            name: Of its own.
            chunks: Its bytes, in pieces of at most ``CHUNK_BYTES``; each is drawn when there is room for it.
        """
        if not self._bus.is_up:
            raise BusDownError("NATS is not connected")  # it would be sent later, for nobody
        digest = hashlib.sha256()
        size = count = 0
        on_the_way: deque[asyncio.Future[api.PubAck]] = deque()
        for chunk in chunks:
            digest.update(chunk)
            size, count = size + len(chunk), count + 1
            # Sent in turn, for that is the order they come back in; the acknowledgements are awaited later.
            on_the_way.append(await self._jetstream.publish_async(_chunks(name), chunk))
            if len(on_the_way) == _ON_THE_WAY:
                await _acknowledged(on_the_way.popleft())
        entry = _entry(name, size, count, digest.digest())
        headers = {Header.ROLLUP.value: "sub"}
        on_the_way.append(await self._jetstream.publish_async(_entry_of(name), entry, headers=headers))
        await _acknowledged(*on_the_way)
        return digest.hexdigest()

    async def get(self, name: UUID, size_bytes: int) -> deque[bytes]:
        """
        An object's bytes in pieces, as far as *size_bytes*.

        Raises:
            NotFoundError: It is gone, or the server lost a chunk of it.
        """
        pieces: deque[bytes] = deque()
        held = after = 0
        while held < size_bytes:
            # Asked for one by one, so that each has an answer: the library waits for ever for a lost one.
            chunk = await self._next_chunk(name, after + 1)
            after = chunk.seq or after + 1
            pieces.append(chunk.data or b"")
            held += len(pieces[-1])
        return pieces

    async def _next_chunk(self, name: UUID, from_seq: int) -> api.RawStreamMsg:
        wanted = partial(self._jetstream.get_msg, _STREAM, seq=from_seq, subject=_chunks(name), next=True)
        try:
            # As it is, and not in base64 inside of JSON, which for a large one takes several times as long.
            return await wanted(direct=True)
        except NotFoundError:
            # Any replica may have answered, and one may be behind. What is gone the leader knows.
            return await wanted()

    async def delete(self, name: UUID) -> None:
        """Delete an object and all that says it was there."""
        await self._jetstream.purge_stream(_STREAM, subject=_chunks(name))
        await self._jetstream.purge_stream(_STREAM, subject=_entry_of(name))


async def _acknowledged(*futures: asyncio.Future[api.PubAck]) -> None:
    async with asyncio.timeout(PUBLISH_TIMEOUT_S):
        await asyncio.gather(*futures)


def _chunks(name: UUID) -> str:
    return f"$O.{subjects.MEDIA_BUCKET}.C.{name.hex}"


def _entry_of(name: UUID) -> str:
    return f"$O.{subjects.MEDIA_BUCKET}.M.{base64.urlsafe_b64encode(str(name).encode()).decode()}"


def _entry(name: UUID, size: int, count: int, digest: bytes) -> bytes:
    """What the object store's own tools read of an object."""
    return msgspec.json.encode(
        {
            "name": str(name),
            "bucket": subjects.MEDIA_BUCKET,
            "nuid": name.hex,
            "size": size,
            "chunks": count,
            "digest": f"SHA-256={base64.urlsafe_b64encode(digest).decode()}",
            "mtime": datetime.now(UTC),
            "options": {"max_chunk_size": CHUNK_BYTES},
        }
    )
