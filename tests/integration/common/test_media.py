"""Media in the object store."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tracemalloc
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


async def test_a_large_medium_is_in_memory_once(bus: Bus) -> None:
    """It is sealed while it is sent, and opened as what came is let go."""
    store, large = MediaStore(bus), bytes(24 << 20)
    tracemalloc.start()
    try:
        ref, key = await store.put(large, MEASURED)
        _, for_put = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        found = await store.get(ref, key)
        _, for_get = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert large == found
    assert for_put < 0.2 * len(large)
    assert for_get < 1.3 * len(large)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 128 * 1024, 300_000])
async def test_any_size_comes_back(bus: Bus, size: int) -> None:
    """Chunks of the seal and of the store are of different sizes."""
    store, plain = MediaStore(bus), bytes(range(256)) * (size // 256 + 1)
    ref, key = await store.put(plain[:size], MEASURED)

    assert plain[:size] == await store.get(ref, key)
    assert size == ref.size_bytes


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


async def test_a_medium_that_was_overwritten_is_refused(bus: Bus) -> None:
    """Other bytes are no trouble on the line that would pass."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)
    bucket = await bus.jetstream.object_store(subjects.MEDIA_BUCKET)
    info = await bucket.get_info(str(ref.media_id))
    chunks = f"$O.{subjects.MEDIA_BUCKET}.C.{info.nuid}"
    await bus.jetstream.purge_stream(f"OBJ_{subjects.MEDIA_BUCKET}", subject=chunks)
    await bus.jetstream.publish(chunks, b"x" * (info.size or 0))

    with pytest.raises(UnsealError):
        await store.get(ref, key)


async def test_a_medium_needs_no_entry_to_be_found(bus: Bus) -> None:
    """Its own id says where its bytes lie, so one that lost its entry in the object store comes back."""
    store = MediaStore(bus)
    ref, key = await store.put(PICTURE, MEASURED)
    name = base64.urlsafe_b64encode(str(ref.media_id).encode()).decode()
    await bus.jetstream.publish(f"$O.{subjects.MEDIA_BUCKET}.M.{name}", b"nonsense")

    assert PICTURE == await store.get(ref, key)


@pytest.mark.parametrize("size_bytes", [0, 1, 64 * 1024, 512 * 1024, 3_000_000])
async def test_a_medium_of_any_size_comes_back(bus: Bus, size_bytes: int) -> None:
    """Also one that fills its chunks to the last byte, or has none."""
    store = MediaStore(bus)
    plain = bytes(number % 251 for number in range(size_bytes))
    ref, key = await store.put(plain, MEASURED)

    assert plain == await store.get(ref, key)


async def test_nats_own_tools_find_a_medium(bus: Bus) -> None:
    """It lies there as the object store has it: what the library reads is what was sealed."""
    ref, _ = await MediaStore(bus).put(PICTURE * 8, MEASURED)
    bucket = await bus.jetstream.object_store(subjects.MEDIA_BUCKET)
    found = await bucket.get(str(ref.media_id))

    assert hashlib.sha256(found.data or b"").hexdigest() == ref.sealed_sha256
    assert [str(ref.media_id)] == [one.name for one in await bucket.list()]


async def test_nothing_is_left_of_a_deleted_medium(bus: Bus) -> None:
    """Neither its bytes nor that it was there."""
    store = MediaStore(bus)
    ref, _ = await store.put(PICTURE, MEASURED)
    await store.delete(ref.media_id)

    assert 0 == (await bus.jetstream.stream_info(f"OBJ_{subjects.MEDIA_BUCKET}")).state.messages


async def eventually_answered(store: MediaStore, ref: MediaRef, key: bytes) -> bytes:
    """What the store says once it is reached again, within a time that nobody waits beyond."""
    async with asyncio.timeout(20):
        while True:
            with suppress(BusDownError):
                return await store.get(ref, key)
            await asyncio.sleep(0.05)
