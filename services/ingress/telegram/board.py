"""
Shows entries: one message for each, edited as things go on and at last edited into the picture.

An entry may come twice, late, or to another process after a crash. It is never shown twice, since its
message is looked up before one is sent, and editing a message into what it is already changes nothing.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
import structlog
from nats.aio.msg import Msg

from schemas import codec
from schemas.private import EntrySecrets, MessageAddress
from schemas.progress import Progress
from schemas.replies import Entry
from services.common.keys import Keyring
from services.common.media import MediaMissingError
from services.common.seal import UnsealError, unseal_struct
from services.ingress.presentation import present, progress_text
from services.ingress.replies import read_reply
from services.ingress.reports import Reports
from services.ingress.shown import Shown
from services.ingress.telegram.account import Account
from services.ingress.telegram.delivery import Delivery
from services.ingress.telegram.keyboard import entry_keyboard
from services.ingress.telegram.pace import Pace
from services.ingress.telegram.places import Places
from services.ingress.telegram.refusals import ChatGoneError, FloodError, MessageGoneError, RefusedError
from services.ingress.telegram.spot import Spot, Spots

_BAR_CELLS = 10


class Board:
    """Draws entries and progress; ``pace`` has to be running for what can wait to be drawn."""

    def __init__(
        self, *, account: Account, places: Places, delivery: Delivery, reports: Reports, keyring: Keyring
    ) -> None:
        self._account = account
        self._places = places
        self._delivery = delivery
        self._reports = reports
        self._keyring = keyring
        self._spots = Spots()
        self.pace = Pace(self._draw)

    async def on_reply(self, message: Msg) -> None:
        """Handle a message of the REPLIES stream."""
        await self.show(read_reply(message).body)

    async def on_progress(self, message: Msg) -> None:
        """Handle a note about a job's progress; one that can't be shown is passed over."""
        try:
            progress = codec.decode_progress(message.data)
        except msgspec.DecodeError:
            structlog.get_logger().warning("unreadable", subject=message.subject)
            return
        spot = self._spots.get(progress.job_id)
        if spot is not None and spot.status in {"preparing", "running"} and spot.ended_at < 0:
            spot.progress = bar(progress)
            self.pace.mark(spot.chat.chat_id, spot.entry_id)

    async def show(self, entry: Entry) -> None:
        """
        Show how *entry* stands, unless something newer is shown.

        Raises:
            RetryableError: Telegram or NATS does not answer: show it again, nothing will be there twice.
            RejectedError: It can't be shown: it does not open, or the Bot API refuses it.
        """
        private = self._keyring.transport
        secrets = unseal_struct(private, entry.private, entry.entry_id, EntrySecrets)
        spot = self._spots.of(entry.entry_id, secrets.chat)
        async with spot.lock:
            await self._look_up(spot, secrets)
            if entry.version < max(spot.version, spot.ended_at):
                return
            shown = present(entry, secrets.said)
            self._take_over(spot, entry, shown)
            if spot.ended_at < entry.version:
                try:
                    done = await self._show(spot, entry, shown, secrets.asked_in)
                except FloodError as exc:
                    self.pace.pause(spot.chat.chat_id, exc.retry_after_s)
                    raise
                except ChatGoneError as exc:
                    structlog.get_logger().info("nobody there", entry=str(entry.entry_id), code=exc.code)
                    done = shown.is_final
                if not done:
                    return
                await self._places.end(entry.entry_id, entry.version)
                spot.ended_at = entry.version
            await self._reports.outcome_shown(entry)

    async def _look_up(self, spot: Spot, secrets: EntrySecrets) -> None:
        if spot.is_known:
            return
        spot.ended_at = await self._places.ended_at(spot.entry_id)
        # Our own note first: the orchestrator's may be of a message that was deleted and sent anew.
        spot.where = await self._places.find(spot.entry_id)
        if spot.where is None and secrets.shown_in.message_id:
            spot.where = secrets.shown_in
        spot.is_known = True

    def _take_over(self, spot: Spot, entry: Entry, shown: Shown) -> None:
        spot.version = entry.version
        spot.status = entry.status
        spot.text = shown.text
        spot.keyboard = entry_keyboard(entry, shown)
        if entry.status not in {"preparing", "running"}:
            spot.progress = ""

    async def _show(self, spot: Spot, entry: Entry, shown: Shown, asked_in: MessageAddress) -> bool:
        """True when nothing more is to come and all of it was shown."""
        is_new = spot.where is None
        where = spot.where or await self._send(spot, entry, asked_in)
        if not shown.is_final:
            if not is_new and not spot.is_gone:
                self.pace.mark(where.chat_id, entry.entry_id)
            return False
        if not shown.pictures or entry.code == "imported":  # that one they have just sent
            if not is_new:
                await self._end_in_words(spot, entry, asked_in)
            return True
        try:
            await self._deliver(spot, entry, shown, asked_in)
        except (MediaMissingError, UnsealError) as exc:
            if entry.status == "answered":
                return True  # the words are there; there is no job to do again
            structlog.get_logger().warning("picture missing", entry=str(entry.entry_id), code=exc.code)
            await self._reports.media_missing(entry)
            return False
        return True

    async def _deliver(self, spot: Spot, entry: Entry, shown: Shown, asked_in: MessageAddress) -> None:
        assert spot.where is not None
        try:
            await self._delivery.deliver(entry, shown, spot.where, spot.chat, self.pace.admitted)
        except MessageGoneError:
            # The person deleted it while they waited; the picture is still what they asked for.
            where = await self._send(spot, entry, asked_in)
            try:
                await self._delivery.deliver(entry, shown, where, spot.chat, self.pace.admitted)
            except MessageGoneError:
                structlog.get_logger().info("deleted twice", entry=str(entry.entry_id))

    async def _end_in_words(self, spot: Spot, entry: Entry, asked_in: MessageAddress) -> None:
        assert spot.where is not None
        await self.pace.admitted(spot.chat.chat_id)
        try:
            await self._account.edit_text(spot.where, spot.full_text, spot.keyboard)
        except MessageGoneError:
            await self._send(spot, entry, asked_in)

    async def _send(self, spot: Spot, entry: Entry, asked_in: MessageAddress) -> MessageAddress:
        """Send the entry's message, and note at once that it is there."""
        await self.pace.admitted(spot.chat.chat_id)
        text = spot.full_text
        where = await self._account.say(spot.chat, text, reply_to=asked_in, keyboard=spot.keyboard)
        spot.where, spot.drawn, spot.is_gone = where, text, False
        await self._places.put(entry.entry_id, where)
        if entry.status != "answered":
            await self._reports.status_shown(entry, where)
        return where

    async def _draw(self, entry_id: UUID) -> None:
        """Edit an entry's message into its newest state that is not its last; that one doesn't wait here."""
        spot = self._spots.get(entry_id)
        if spot is None:
            return
        async with spot.lock:
            text = spot.full_text
            if spot.where is None or spot.is_gone or spot.ended_at >= 0 or text == spot.drawn:
                return
            try:
                await self._account.edit_text(spot.where, text, spot.keyboard)
            except (MessageGoneError, ChatGoneError):
                spot.is_gone = True
            except RefusedError as exc:
                structlog.get_logger().warning("not drawn", entry=str(entry_id), reason=str(exc))
            spot.drawn = text


def bar(progress: Progress) -> str:
    """Progress as a line of text."""
    percent = min(100, max(0, int(progress.percent)))
    full = percent * _BAR_CELLS // 100
    return f"{'▰' * full}{'▱' * (_BAR_CELLS - full)} {percent} %  {progress_text(progress)}"
