"""The streams, declared again and again."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from schemas import subjects
from services.common import streams
from services.common.bus import MAX_MESSAGE_BYTES, Bus, TooLargeError, connect
from tests.builders import uuid


@pytest.fixture
async def bus(nats_url: str) -> AsyncGenerator[Bus]:
    opened = await connect(nats_url, "tester")
    await streams.declare(opened, replicas=1)
    yield opened
    await opened.close()


async def test_what_is_as_it_should_be_is_left_alone(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update is a write to the disk of every server: it is not done every few seconds for nothing."""

    async def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(bus.jetstream, "update_stream", refuse)
    await streams.declare(bus, replicas=1)


async def test_what_is_gone_or_other_is_declared_again(bus: Bus) -> None:
    """A stream that was deleted, and one of an older version with other limits."""
    await bus.jetstream.delete_stream(subjects.RENDER)
    older = (await bus.jetstream.stream_info(subjects.INBOX)).config
    await bus.jetstream.update_stream(older, max_msg_size=1000)
    await streams.declare(bus, replicas=1)

    await bus.jetstream.stream_info(subjects.RENDER)
    assert MAX_MESSAGE_BYTES == (await bus.jetstream.stream_info(subjects.INBOX)).config.max_msg_size


async def test_the_largest_message_is_kept(bus: Bus) -> None:
    """And one that is larger is refused before it reaches the server, which would close the connection."""
    where = subjects.inbox_command(uuid(1))
    await bus.publish_bytes(where, b"x" * (MAX_MESSAGE_BYTES - 1024), uuid(10))
    with pytest.raises(TooLargeError):
        await bus.publish_bytes(where, b"x" * (MAX_MESSAGE_BYTES + 1), uuid(11))

    assert 1 == (await bus.jetstream.stream_info(subjects.INBOX)).state.messages
    assert bus.is_up


async def test_closing_without_nats_is_no_failure(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is stopped while NATS is away ends as well as any."""

    async def hang_up() -> None:
        raise TimeoutError

    monkeypatch.setattr(bus._client, "drain", hang_up)
    await bus.close()
    assert bus.is_closed
