"""The replies of the web channel: passed on to the page, and reported as shown."""

from __future__ import annotations

from nats.aio.msg import Msg

from services.common.bus import Bus
from services.common.keys import Keyring
from services.ingress.presentation import present
from services.ingress.replies import read_reply
from services.ingress.reports import Reports
from services.ingress.web.feed import shown_subject
from services.ingress.web.opened import said_in


class Replies:
    """
    Handles replies.

    A page shows what is in the history whenever it is opened, so an outcome counts as shown
    once it was passed on, whether or not a page is open just now.
    """

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self._bus = bus
        self._keyring = keyring
        self._reports = Reports(bus, keyring)

    async def handle(self, message: Msg) -> None:
        """
        Pass on and report; the reports are named by what they say, so a reply that comes twice reports once.

        Raises:
            BusDownError: It was not reported: the reply has to come again.
            RejectedError: It is no reply.
        """
        reply = read_reply(message)
        entry = reply.body
        await self._bus.tell(shown_subject(entry.session_id), reply)
        if present(entry, said_in(entry, self._keyring)).is_final:
            await self._reports.outcome_shown(entry)
