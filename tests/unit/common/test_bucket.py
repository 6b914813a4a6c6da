"""The media bucket, as far as it goes without NATS: whom it asks."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from services.common.bucket import Bucket
from tests.builders import uuid


class Lagging:
    """A cluster: the replica that answers directly has nothing yet, the leader has what it is given."""

    is_up = True

    def __init__(self, *held: bytes) -> None:
        self.jetstream = self
        self._held = held

    async def get_msg(self, _stream: str, *, seq: int, direct: bool = False, **_: Any) -> RawStreamMsg:
        """The chunk at *seq*."""
        if direct or seq > len(self._held):
            raise NotFoundError
        return RawStreamMsg(seq=seq, data=self._held[seq - 1])


async def test_what_a_replica_does_not_have_yet_the_leader_has() -> None:
    """A medium that was stored a moment ago is not lost because one server is behind."""
    bus: Any = Lagging(b"one", b"two")

    assert deque([b"one", b"two"]) == await Bucket(bus).get(uuid(1), 6)


async def test_what_the_leader_does_not_have_is_gone() -> None:
    """It has the last word."""
    bus: Any = Lagging(b"one")

    with pytest.raises(NotFoundError):
        await Bucket(bus).get(uuid(1), 6)
