"""What happens in one session, live: entries and progress, kept until the page is told."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import structlog
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from schemas import codec, subjects
from schemas.progress import Progress
from schemas.replies import Entry
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.ingress.web.feeds import Feeds

_KEPT = 256
# A page this far behind does without pictures of what has long gone on.
_KEPT_WITH_PREVIEW = 4

News = Entry | Progress


def shown_subject(session_id: UUID) -> str:
    """Where a reply goes on to other processes that have event streams of its session; never stored."""
    return f"web.shown.{session_id}"


class Feed:
    """
    Listens for one event stream.

    An entry comes from this very process, if it took the reply, and otherwise over core NATS, where
    progress comes from. What is lost is noticed: the feed is then behind, until ``begin`` is called again
    and the history is asked for, which holds everything that the feed did not.
    """

    def __init__(self, session_id: UUID, feeds: Feeds) -> None:
        self._session_id = session_id
        self._feeds = feeds
        self._news: asyncio.Queue[News] = asyncio.Queue(_KEPT)
        self._subscriptions: list[Subscription] = []
        self._bus: Bus | None = None
        self._reconnections = 0
        self._overflowed = False

    @property
    def is_behind(self) -> bool:
        """Whether something may have happened that the feed has not heard."""
        bus = self._bus
        return bus is None or self._overflowed or not bus.is_up or bus.reconnections != self._reconnections

    async def begin(self, bus: Bus) -> None:
        """
        Listen from now on. NATS keeps the order of one connection: what is asked after this is answered
        as of a time when the feed was listening already.

        Raises:
            BusDownError: NATS is not connected.
        """
        reconnections = bus.reconnections
        topics = (
            (shown_subject(self._session_id), self._on_reply),
            (subjects.progress("web", self._session_id, "*"), self._on_progress),
        )
        try:
            for subject, heard in topics[len(self._subscriptions) :]:
                self._subscriptions.append(await bus.subscribe(subject, heard))
        except BUS_ERRORS as exc:
            raise BusDownError(str(exc)) from exc
        self._feeds.join(self._session_id, self._put)
        self._bus, self._reconnections, self._overflowed = bus, reconnections, False

    async def next(self, timeout_s: float) -> News | None:
        """What happened next; nothing when nothing did for a while."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._news.get()
        except TimeoutError:
            return None

    async def end(self) -> None:
        """Stop listening."""
        self._feeds.leave(self._session_id, self._put)
        for subscription in self._subscriptions:
            try:
                await subscription.unsubscribe()
            except BUS_ERRORS as exc:
                # The connection is gone, and the subscription with it.
                structlog.get_logger().info("not unsubscribed", reason=str(exc)[:200])

    async def _on_reply(self, message: Msg) -> None:
        try:
            self._put(codec.decode_reply(message.data).body)
        except msgspec.DecodeError as exc:
            structlog.get_logger().error("unreadable", subject=message.subject, reason=str(exc))

    async def _on_progress(self, message: Msg) -> None:
        try:
            progress = codec.decode_progress(message.data)
            late = self._news.qsize() >= _KEPT_WITH_PREVIEW
            self._put(replace(progress, preview=b"") if late else progress)
        except msgspec.DecodeError as exc:
            structlog.get_logger().error("unreadable", subject=message.subject, reason=str(exc))

    def _put(self, news: News) -> None:
        # A page that reads too slowly gets a history later instead of ever more memory here.
        if self._news.full():
            self._overflowed = True
        else:
            self._news.put_nowait(news)
