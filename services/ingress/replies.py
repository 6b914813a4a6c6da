"""The REPLIES stream as a channel reads it: its own entries, by one durable for all of its processes."""

from __future__ import annotations

import msgspec
from nats.aio.msg import Msg

from schemas import codec, subjects
from schemas.commands import Channel
from schemas.envelope import Message
from schemas.replies import Entry
from services.common.consumer import Source
from services.common.errors import RejectedError


def replies_to(channel: Channel, *, workers: int) -> Source:
    """
    What a channel consumes.

    Args:
        channel: Whose replies.
        workers: How many are shown at once. Out of order is fine: the newest version of an entry counts.
    """
    return Source(
        stream=subjects.REPLIES,
        durable=f"ingress-{channel}",
        subject=subjects.replies_of(channel),
        workers=workers,
    )


def read_reply(message: Msg) -> Message[Entry]:
    """The reply in *message*; raises ``RejectedError`` when there is none to be read."""
    try:
        return codec.decode_reply(message.data)
    except msgspec.DecodeError as exc:
        raise RejectedError(str(exc), code="unreadable") from exc
