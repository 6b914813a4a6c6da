"""The replies of the web channel: passed on to the page, and reported as shown."""

from __future__ import annotations

import asyncio

from nats.aio.msg import Msg

from services.common.bus import Bus
from services.common.keys import Keyring
from services.ingress.presentation import present
from services.ingress.replies import read_reply
from services.ingress.reports import Reports
from services.ingress.web.feed import shown_subject
from services.ingress.web.feeds import Feeds
from services.ingress.web.opened import said_in

_TURNS_TO_SEND = 2
"""Of the event loop: in the next one a page is written to, and at its end that is sent. People come first."""


class Replies:
    """
    Handles replies.

    A page shows what is in the history whenever it is opened, so an outcome counts as shown
    once it was passed on, whether or not a page is open just now.
    """

    def __init__(self, bus: Bus, keyring: Keyring, feeds: Feeds) -> None:
        self._bus = bus
        self._keyring = keyring
        self._feeds = feeds
        self._reports = Reports(bus, keyring)

    async def handle(self, message: Msg) -> None:
        """
        Pass on and report; the reports are named by what they say, so a reply that comes twice reports once.

        Raises:
            BusDownError: It was not reported: the reply has to come again.
            RejectedError: It is no reply.
        """
        entry = read_reply(message).body
        self._feeds.tell(entry)
        await self._bus.tell_bytes(shown_subject(entry.session_id), message.data)
        for _ in range(_TURNS_TO_SEND):
            await asyncio.sleep(0)
        if present(entry, said_in(entry, self._keyring)).is_final:
            await self._reports.outcome_shown(entry)
