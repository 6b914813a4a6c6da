"""The live feed of one stream, as far as it goes without NATS."""

from __future__ import annotations

from typing import Any

from services.ingress.web.feed import Feed
from tests import builders


class FlappingBus:
    """Connected whenever one looks."""

    is_up = True
    reconnections = 3

    async def subscribe(self, subject: str, handle: Any) -> None:
        """Nothing comes."""


async def test_a_connection_that_was_gone_for_a_moment_is_noticed() -> None:
    """Messages were lost, even if NATS is there whenever the feed looks."""
    bus: Any = FlappingBus()
    feed = Feed(builders.SESSION)
    await feed.begin(bus)
    before = feed.is_behind
    bus.reconnections += 1
    after = feed.is_behind
    await feed.begin(bus)

    assert [False, True, False] == [before, after, feed.is_behind]
