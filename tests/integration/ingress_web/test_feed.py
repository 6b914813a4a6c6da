"""The live feed of one stream: what it loses it knows of."""

from __future__ import annotations

from schemas.envelope import Message
from services.common import bus as bus_module
from services.ingress.web.feed import Feed, shown_subject
from services.ingress.web.feeds import Feeds
from tests import builders
from tests.servers import NatsServer, eventually

SESSION = builders.SESSION


async def test_a_page_that_reads_too_slowly_is_behind(
    nats: NatsServer,
) -> None:
    """Memory stays bounded; the feed is behind until it begins anew, and keeps what it had."""
    bus = await bus_module.connect(nats.urls["ingress-web"], "ingress-web")
    feed = Feed(SESSION, Feeds())
    before = feed.is_behind
    await feed.begin(bus)
    begun = feed.is_behind
    said = Message(message_id=builders.uuid(1), at=builders.AT, body=builders.ENTRY_SHOWN)
    for _ in range(300):
        await bus.tell(shown_subject(SESSION), said)

    async def overflowed() -> bool:
        return feed.is_behind

    await eventually(overflowed)
    await feed.begin(bus)
    kept = 0
    while await feed.next(0.05):
        kept += 1
    after = feed.is_behind
    await feed.end()
    await bus.close()

    assert [True, False, False] == [before, begun, after]
    assert 256 == kept


async def test_what_cannot_be_read_is_passed_over(nats: NatsServer) -> None:
    """Something else on the subject costs nothing but a line in the log."""
    bus = await bus_module.connect(nats.urls["ingress-web"], "ingress-web")
    feed = Feed(SESSION, Feeds())
    await feed.begin(bus)
    await bus.tell(shown_subject(SESSION), {"hello": 1})
    said = Message(message_id=builders.uuid(1), at=builders.AT, body=builders.ENTRY_SHOWN)
    await bus.tell(shown_subject(SESSION), said)
    news = await feed.next(10)
    await feed.end()
    await bus.close()

    assert builders.ENTRY_SHOWN == news
