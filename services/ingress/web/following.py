"""``GET /events``: first how things stand, then everything that happens."""

from __future__ import annotations

import asyncio
from uuid import UUID

from aiohttp import web

from schemas.queries import AskHistory, History
from schemas.replies import Entry
from services.common.errors import RetryableError
from services.common.keys import Keyring
from services.ingress.offers import Offer, offer_of
from services.ingress.questions import ask
from services.ingress.web.ending import before_stopping
from services.ingress.web.event_line import HEADERS, EventLine
from services.ingress.web.feed import Feed
from services.ingress.web.feeds import Feeds
from services.ingress.web.offering import Offering
from services.ingress.web.opened import said_in
from services.ingress.web.origin import is_by_our_page
from services.ingress.web.preview import preview_in
from services.ingress.web.problem import ProblemError
from services.ingress.web.slots import Slots
from services.ingress.web.studio import Door
from services.ingress.web.visitor import Visitors
from services.ingress.web.wire import PageHistory, PageNotice, page_entry, page_offer, page_progress
from services.ingress.web.wording import sentence

_STREAMS_PER_SESSION = 8
_TICK_S = 1.0
_AGAIN_S = 0.5


class Following:
    """Keeps pages up to date, each over a stream of its own."""

    def __init__(
        self,
        visitors: Visitors,
        door: Door,
        keyring: Keyring,
        *,
        offering: Offering,
        feeds: Feeds,
        stopping: asyncio.Event,
    ) -> None:
        self._visitors = visitors
        self._door = door
        self._keyring = keyring
        self._offering = offering
        self._feeds = feeds
        self._stopping = stopping
        self._slots = Slots(_STREAMS_PER_SESSION, "too-many-streams")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Stay until the page is gone or the service stops."""
        if self._stopping.is_set():
            raise ProblemError(503, "stopping")
        if not is_by_our_page(request.headers, request.host):
            raise ProblemError(403, "not-by-our-page")
        response = web.StreamResponse(headers=HEADERS)
        # Welcomed here too: a page that was opened by another site's link has no cookie yet.
        visitor = self._visitors.welcome(request, response)
        with self._slots.taken(visitor.session_id):
            line = EventLine(request, response)
            try:
                await line.open()
                await before_stopping(self._follow(line, visitor.session_id), self._stopping, grace_s=0)
            except (ConnectionError, TimeoutError, ProblemError):
                pass  # the page is gone, or has to go; aiohttp ends the stream
        return response

    async def _follow(self, line: EventLine, session_id: UUID) -> None:
        feed = Feed(session_id, self._feeds)
        told: Offer | None = None
        seen = 0
        try:
            while True:
                if feed.is_behind:
                    # Looked at before the history is asked for: what changes meanwhile is told of.
                    seen = self._offering.changes
                    told = await self._catch_up(line, feed, session_id)
                if seen != self._offering.changes:
                    seen, offer = self._offering.changes, self._offering.offer
                    if offer is not None and offer != told:
                        told = offer
                        await line.send(page_offer(offer))
                news = await feed.next(_TICK_S)
                match news:
                    case None:
                        await line.keep_alive()
                    case Entry():
                        await line.send(page_entry(news, said_in(news, self._keyring)))
                    case _:
                        await line.send(page_progress(news, preview_in(news, self._keyring)))
        finally:
            await feed.end()

    async def _catch_up(self, line: EventLine, feed: Feed, session_id: UUID) -> Offer | None:
        """
        Send the history; as long as there is none to be had, say so once and ask again.

        Returns:
            What the page was told that can be asked for.
        """
        noticed = False
        while True:
            try:
                studio = self._door.enter()
                await feed.begin(studio.bus)
                answer = await ask(studio.bus, AskHistory(session_id=session_id))
            except RetryableError:
                if not noticed:
                    await line.send(PageNotice(notice=sentence("waiting", {})))
                    noticed = True
                await line.keep_alive()
                await asyncio.sleep(_AGAIN_S)
            else:
                if not isinstance(answer, History):
                    return None
                offer = offer_of(answer)
                entries = tuple(page_entry(entry, said_in(entry, self._keyring)) for entry in answer.entries)
                await line.send(PageHistory(entries=entries, offer=page_offer(offer)))
                return offer
