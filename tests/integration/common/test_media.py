"""Media in the object store."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from schemas import subjects
from services.common import streams
from services.common.bus import Bus, connect
from services.common.media import Measured, MediaMissingError, MediaStore
from services.common.seal import UnsealError

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
