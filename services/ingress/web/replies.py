"""The replies of the web channel: passed on to the page, and reported as shown."""

from __future__ import annotations

import msgspec
from nats.aio.msg import Msg

from schemas import codec, ids, subjects
from schemas.commands import ReportAnswerShown, ReportOutcomeShown
from schemas.replies import Entry
from services.common.bus import Bus
from services.common.consumer import Source
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.ingress.presentation import present
from services.ingress.web.feed import shown_subject
from services.ingress.web.opened import said_in

SOURCE = Source(
    stream=subjects.REPLIES,
    durable="ingress-web",
    subject=subjects.replies_of("web"),
    # Out of order is fine: an entry has a version, and the page keeps the newest.
    workers=4,
)


class Replies:
    """
    Handles replies.

    A page shows what is in the history whenever it is opened, so an outcome counts as shown
    once it was passed on, whether or not a page is open just now.
    """

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self._bus = bus
        self._keyring = keyring

    async def handle(self, message: Msg) -> None:
        """
        Pass on and report; the reports are named by what they say, so a reply that comes twice reports once.

        Raises:
            BusDownError: It was not reported: the reply has to come again.
            RejectedError: It is no reply.
        """
        try:
            reply = codec.decode_reply(message.data)
        except msgspec.DecodeError as exc:
            raise RejectedError(str(exc), code="unreadable") from exc
        entry = reply.body
        await self._bus.tell(shown_subject(entry.session_id), reply)
        if present(entry, said_in(entry, self._keyring)).is_final:
            await self._report(entry)

    async def _report(self, entry: Entry) -> None:
        subject = subjects.inbox_command(entry.session_id)
        if entry.status == "answered":
            answer = ReportAnswerShown(session_id=entry.session_id, entry_id=entry.entry_id)
            await self._bus.publish(subject, answer, ids.message_id("answer-shown", entry.entry_id))
        else:
            outcome = ReportOutcomeShown(job_id=entry.entry_id)
            await self._bus.publish(
                subject, outcome, ids.message_id("outcome-shown", entry.entry_id, entry.version)
            )
