"""The live feed of one stream, as far as it goes without NATS."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from nats.aio.msg import Msg

from schemas import codec
from schemas.progress import Progress
from services.ingress.web.feed import Feed
from services.ingress.web.feeds import Feeds
from tests import builders


class Subscribed:
    """Nothing ever came by it."""

    async def unsubscribe(self) -> None:
        """Nothing comes any more."""


class FlappingBus:
    """Connected whenever one looks."""

    is_up = True
    reconnections = 3

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    async def subscribe(self, subject: str, handle: Any) -> Any:
        """Nothing comes but what a test puts in."""
        self.handlers[subject.partition(".")[0]] = handle
        return Subscribed()


async def test_a_connection_that_was_gone_for_a_moment_is_noticed() -> None:
    """Messages were lost, even if NATS is there whenever the feed looks."""
    bus: Any = FlappingBus()
    feed = Feed(builders.SESSION, Feeds())
    await feed.begin(bus)
    before = feed.is_behind
    bus.reconnections += 1
    after = feed.is_behind
    await feed.begin(bus)

    assert [False, True, False] == [before, after, feed.is_behind]


async def test_an_entry_of_this_process_is_heard_without_nats() -> None:
    """From the beginning to the end of listening, by those who listen to its session, and in order."""
    bus: Any = FlappingBus()
    feeds = Feeds()
    feed, other = Feed(builders.SESSION, feeds), Feed(builders.uuid(77), feeds)
    first, second = builders.ENTRY_SHOWN, replace(builders.ENTRY_SHOWN, version=99)
    feeds.tell(first)
    await feed.begin(bus)
    await other.begin(bus)
    feeds.tell(first)
    feeds.tell(second)
    heard = [await feed.next(1), await feed.next(1)]
    await feed.end()
    feeds.tell(first)

    assert [first, second] == heard
    assert [None, None] == [await feed.next(0), await other.next(0)]


async def test_a_feed_that_begins_again_hears_of_an_entry_once() -> None:
    """As it does whenever NATS was gone in between."""
    bus: Any = FlappingBus()
    feeds = Feeds()
    feed = Feed(builders.SESSION, feeds)
    await feed.begin(bus)
    await feed.begin(bus)
    feeds.tell(builders.ENTRY_SHOWN)

    assert [builders.ENTRY_SHOWN, None] == [await feed.next(1), await feed.next(0)]


async def test_a_page_that_reads_too_slowly_is_behind_here_too() -> None:
    """What its own process tells it counts as what NATS does: so many are kept, and what is lost is known."""
    bus: Any = FlappingBus()
    feeds = Feeds()
    feed = Feed(builders.SESSION, feeds)
    await feed.begin(bus)
    for _ in range(256):
        feeds.tell(builders.ENTRY_SHOWN)
    before = feed.is_behind
    feeds.tell(builders.ENTRY_SHOWN)

    assert [False, True] == [before, feed.is_behind]


async def test_a_slow_page_does_without_previews() -> None:
    """What waits for a page that does not read is small: the first few only have their picture."""
    bus: Any = FlappingBus()
    feed = Feed(builders.SESSION, Feeds())
    await feed.begin(bus)
    note = builders.message(Progress, preview=b"sealed picture")
    for _ in range(50):
        await bus.handlers["progress"](Msg(None, data=codec.encode(note)))
    heard = [await feed.next(1) for _ in range(50)]

    assert 4 == sum(1 for news in heard if isinstance(news, Progress) and news.preview)
    assert [75.0] * 50 == [news.percent for news in heard if isinstance(news, Progress)]
