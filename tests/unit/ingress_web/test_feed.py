"""The live feed of one stream, as far as it goes without NATS."""

from __future__ import annotations

from typing import Any

from nats.aio.msg import Msg

from schemas import codec
from schemas.progress import Progress
from services.ingress.web.feed import Feed
from tests import builders


class FlappingBus:
    """Connected whenever one looks."""

    is_up = True
    reconnections = 3

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    async def subscribe(self, subject: str, handle: Any) -> None:
        """Nothing comes but what a test puts in."""
        self.handlers[subject.partition(".")[0]] = handle


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


async def test_a_slow_page_does_without_previews() -> None:
    """What waits for a page that does not read is small: the first few only have their picture."""
    bus: Any = FlappingBus()
    feed = Feed(builders.SESSION)
    await feed.begin(bus)
    note = builders.message(Progress, preview=b"sealed picture")
    for _ in range(50):
        await bus.handlers["progress"](Msg(None, data=codec.encode(note)))
    heard = [await feed.next(1) for _ in range(50)]

    assert 4 == sum(1 for news in heard if isinstance(news, Progress) and news.preview)
    assert [75.0] * 50 == [news.percent for news in heard if isinstance(news, Progress)]
