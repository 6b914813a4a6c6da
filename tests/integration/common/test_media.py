"""Media in the object store."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest
from msgspec.structs import replace

from schemas import subjects
from schemas.media import MediaRef
from services.common import streams
from services.common.bus import Bus, BusDownError, connect
from services.common.media import Measured, MediaMissingError, MediaStore
from services.common.seal import UnsealError
from tests.servers import NatsServer

PICTURE = b"\x89PNG and a planted word: wintergreen" * 10_000
MEASURED = Measured(mime="image/png", width_px=3, height_px=4)


@pytest.fixture
async def bus(nats_url: str) -> AsyncGenerator[Bus]:
    opened = await connect(nats_url, "tester")
    await streams.declare(opened, replicas=1)
    yield opened
    await opened.close()


async def test_a_medium_comes_back(bus: Bus) -> None:
    """With its key it opens to the same bytes."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)

    assert PICTURE == await store.get(ref, key)
    assert (len(PICTURE), "image/png") == (ref.size_bytes, ref.mime)


async def test_the_store_never_sees_the_plain_bytes(bus: Bus) -> None:
    """What lies in JetStream is sealed."""
    ref, _ = await MediaStore(bus).put(PICTURE, MEASURED)
    bucket = await bus.jetstream.object_store(subjects.MEDIA_BUCKET)
    stored = (await bucket.get(str(ref.media_id))).data

    assert stored is not None
    assert b"wintergreen" not in stored


async def test_another_key_does_not_open_it(bus: Bus) -> None:
    """Without its own key a medium is nothing."""
    store = MediaStore(bus)
    ref, _ = await store.put(PICTURE, MEASURED)
    _, other = await store.put(PICTURE, MEASURED)

    with pytest.raises(UnsealError):
        await store.get(ref, other)


async def test_a_medium_that_is_not_the_one_that_was_stored_is_refused(bus: Bus) -> None:
    """The log's digest vouches for what lies in the store."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)

    with pytest.raises(UnsealError):
        await store.get(replace(ref, sealed_sha256="0" * 64), key)


async def test_a_deleted_medium_is_missing(bus: Bus) -> None:
    """Deleting twice is deleting once, and getting it says that it is gone."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)
    await store.delete(ref.media_id)
    await store.delete(ref.media_id)

    with pytest.raises(MediaMissingError):
        await store.get(ref, key)


async def test_a_medium_whose_bytes_rotted_on_the_disk_is_missing(nats: NatsServer, bus: Bus) -> None:
    """NATS skips a message that fails its checksum: that is an answer, and nobody waits for that chunk."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)
    await nats.stop()
    block = max(nats.home.rglob("*.blk"), key=lambda path: path.stat().st_size)
    data = bytearray(block.read_bytes())
    data[len(data) // 2] ^= 1
    block.write_bytes(data)
    await nats.start()

    with pytest.raises(MediaMissingError):
        await eventually_answered(store, ref, key)


@pytest.mark.parametrize("what", ["chunk", "entry"])
async def test_a_medium_that_was_overwritten_is_refused(bus: Bus, what: str) -> None:
    """Other bytes, or an entry that can't be read, are no trouble on the line that would pass."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)
    bucket = await bus.jetstream.object_store(subjects.MEDIA_BUCKET)
    info = await bucket.get_info(str(ref.media_id))
    if what == "chunk":
        chunks = f"$O.{subjects.MEDIA_BUCKET}.C.{info.nuid}"
        await bus.jetstream.purge_stream(f"OBJ_{subjects.MEDIA_BUCKET}", subject=chunks)
        await bus.jetstream.publish(chunks, b"x" * (info.size or 0))
    else:
        name = base64.urlsafe_b64encode(str(ref.media_id).encode()).decode()
        await bus.jetstream.publish(f"$O.{subjects.MEDIA_BUCKET}.M.{name}", b"nonsense")

    with pytest.raises(UnsealError):
        await store.get(ref, key)


async def eventually_answered(store: MediaStore, ref: MediaRef, key: bytes) -> bytes:
    """What the store says once it is reached again, within a time that nobody waits beyond."""
    async with asyncio.timeout(20):
        while True:
            with suppress(BusDownError):
                return await store.get(ref, key)
            await asyncio.sleep(0.05)
