"""From a message to a command that is kept: allow list, conversation, pictures, JetStream."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from uuid import UUID

import structlog

from schemas import ids
from schemas.commands import Target
from services.common.bus import Bus, BusDownError
from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.ingress.conversation import pressed, understand
from services.ingress.intent import Heard, Import, Intent, Render, Say
from services.ingress.parse import spoken
from services.ingress.picture_file import PictureFileError
from services.ingress.submission import Speaker, Submitter, session_id
from services.ingress.telegram.allow_list import AllowList
from services.ingress.telegram.hints import Hints
from services.ingress.telegram.incoming import FileSent, Incoming, Press
from services.ingress.telegram.keeping import Keeping
from services.ingress.telegram.keyboard import read_press
from services.ingress.telegram.mishap import Mishaps
from services.ingress.telegram.uploads import Uploads

_TURN_AWAY_EVERY_S = 60.0
_STRANGERS_REMEMBERED = 10_000


class Intake:
    """Takes what was heard. When ``take`` returns the update may be let go."""

    def __init__(
        self,
        *,
        bus: Bus,
        keyring: Keyring,
        submitter: Submitter,
        uploads: Uploads,
        hints: Hints,
        keeping: Keeping,
        mishaps: Mishaps,
        allowed: AllowList,
        username: str,
    ) -> None:
        self._bus = bus
        self._keyring = keyring
        self._submitter = submitter
        self._uploads = uploads
        self._hints = hints
        self._keeping = keeping
        self._mishaps = mishaps
        self._allowed = allowed
        self._username = username.lower()
        self._turned_away_at: dict[int, float] = {}

    async def take(self, parts: tuple[Incoming, ...]) -> None:
        """Handle a message, or the messages of one album, for as long as it takes to have it kept."""
        first = parts[0]
        if not self._is_for_us(first, _text(parts)):
            return
        if not self._allowed.admits(first.person_id, first.chat.chat_id):
            await self._turn_away(first)
            return
        entry_id = ids.entry_id(session_id(self._keyring, _speaker(first)), str(first.update_id))
        if first.press is not None:
            outcome = await self._take_press(first, first.press, entry_id)
        else:
            handle = partial(self._take_message, parts, entry_id)
            outcome = await self._mishaps.outlast(handle, parts, entry_id)
        structlog.get_logger().info("taken", update=first.update_id, outcome=outcome)

    async def _take_message(self, parts: tuple[Incoming, ...], entry_id: UUID) -> str:
        first, said = parts[0], _text(parts)
        files = tuple(file for part in parts for file in part.files)
        intent = understand(Heard(text=said, pictures=len(files), target=self._target(first)))
        try:
            if isinstance(intent, Render | Import | Say):
                self._uploads.check(files)
            await self._keep(intent, first, said, files if isinstance(intent, Render | Import) else ())
        except PictureFileError as exc:
            intent = Say(code=exc.code, details=exc.details)
        if isinstance(intent, Say):
            await self._hints.say_once(intent, first, entry_id)
            return intent.code
        return type(intent).__name__.lower()

    async def _take_press(self, heard: Incoming, press: Press, entry_id: UUID) -> str:
        read = read_press(press.data)
        if read is None:
            await self._hints.answer_press(press.query_id, Say(code="unknown-picture"))
            return "unknown-button"
        action, target = read

        async def keep() -> str:
            await self._keep(pressed(action, target), heard, f"/{action}", ())
            return action

        # Both at once: neither has to wait for as long as it may take to do the other.
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hints.answer_press(press.query_id, None))
            return await self._mishaps.outlast(keep, (heard,), entry_id)

    async def _keep(self, intent: Intent, heard: Incoming, said: str, files: tuple[FileSent, ...]) -> None:
        if not isinstance(intent, Say):
            await self._keeping.until_kept(lambda: self._submit(intent, heard, said, files), heard)

    async def _submit(self, intent: Intent, heard: Incoming, said: str, files: tuple[FileSent, ...]) -> None:
        if not self._bus.is_up:
            raise BusDownError("NATS is not connected")  # before anything is fetched in vain
        await self._submitter.submit(
            intent,
            _speaker(heard),
            str(heard.update_id),
            uploads=await self._uploads.keep(files),
            asked_in=heard.address,
            said=said,
        )

    async def _turn_away(self, heard: Incoming) -> None:
        """Tell a stranger their id, but not as often as they like."""
        hint = Say(code="not-allowed", details={"id": str(heard.person_id)})
        if heard.press is not None:
            await self._hints.answer_press(heard.press.query_id, hint)
            return
        last = self._turned_away_at.get(heard.person_id)
        if last is not None and monotonic() - last < _TURN_AWAY_EVERY_S:
            return
        if len(self._turned_away_at) >= _STRANGERS_REMEMBERED:
            self._turned_away_at.clear()
        self._turned_away_at[heard.person_id] = monotonic()
        await self._hints.say(hint, heard)

    def _is_for_us(self, heard: Incoming, said: str) -> bool:
        """In a group only commands, unless they name another bot, and answers to the bot's messages are."""
        if heard.is_private or heard.press is not None:
            return True
        command = spoken(said)
        if command is not None:
            return command.addressee.lower() in {"", self._username}
        return heard.answered is not None and heard.answered.is_ours

    def _target(self, heard: Incoming) -> Target:
        answered = heard.answered
        if answered is None or not answered.is_ours:
            return Target()
        if answered.image_id is not None:
            return Target(image_id=answered.image_id)
        return Target(
            message_ref=pseudonym(self._keyring.pseudonym, "message", heard.chat.chat_id, answered.message_id)
        )


def _text(parts: tuple[Incoming, ...]) -> str:
    """Of an album, the caption of whichever picture has one."""
    return next((part.text for part in parts if part.text), "")


def _speaker(heard: Incoming) -> Speaker:
    return Speaker(
        channel="telegram", chat=str(heard.chat.chat_id), person=str(heard.person_id), address=heard.chat
    )
