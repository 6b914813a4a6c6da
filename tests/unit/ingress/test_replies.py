"""Reading the REPLIES stream."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from nats.aio.msg import Msg

from schemas import codec
from schemas.envelope import Message
from services.common.errors import RejectedError
from services.ingress.replies import read_reply, replies_to
from tests import builders

REPLY = Message(message_id=UUID(int=1), at=builders.AT, body=builders.ENTRY_SHOWN)


def message(data: bytes) -> Msg:
    """As JetStream delivers it."""
    client: Any = None
    return Msg(_client=client, subject="reply.web.x", data=data)


def test_a_reply_is_read() -> None:
    """With its envelope, for passing it on as it is."""
    assert REPLY == read_reply(message(codec.encode(REPLY)))


@pytest.mark.parametrize("data", [b"nonsense", b"", b"{}", b'{"at":1}', codec.encode(REPLY)[:-9]])
def test_what_is_no_reply_is_rejected(data: bytes) -> None:
    """So that it is parked: as a bug it would bring the service down."""
    with pytest.raises(RejectedError) as rejected:
        read_reply(message(data))

    assert "unreadable" == rejected.value.code


def test_each_channel_consumes_its_own() -> None:
    """One durable a channel, shared by its processes."""
    source = replies_to("telegram", workers=3)

    assert ("REPLIES", "ingress-telegram", "reply.telegram.*", 3) == (
        source.stream, source.durable, source.subject, source.workers
    )  # fmt: skip
