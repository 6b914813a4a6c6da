"""Puts an entry's pictures into messages: the first into the entry's own, each further one into one more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import structlog
from msgspec.structs import asdict
from telegram import InlineKeyboardMarkup

from schemas import ids
from schemas.media import MediaRef
from schemas.private import Address, MessageAddress
from schemas.replies import Entry, Picture
from services.common.media import MediaMissingError
from services.common.seal import UnsealError
from services.ingress.gallery import Gallery
from services.ingress.shown import Shown
from services.ingress.telegram.account import Account
from services.ingress.telegram.keyboard import entry_keyboard, picture_keyboard
from services.ingress.telegram.medium import Medium, medium_of
from services.ingress.telegram.places import Places
from services.ingress.telegram.refusals import RefusedError, TooLargeError
from services.ingress.telegram.thumbnail import thumbnail_of
from services.ingress.texts import sentence

_MB = 1024 * 1024

Admit = Callable[[int], Awaitable[None]]
"""Waits until a chat may be written to."""


class Delivery:
    """
    Delivers pictures.

    Which message is for which picture is noted before the picture is put there, and an edit can be
    repeated: however often this is done, each picture is there once.
    """

    def __init__(self, account: Account, gallery: Gallery, places: Places, *, limit_bytes: int) -> None:
        """
        Args:
            account: The bot.
            gallery: Where pictures come from.
            places: Where it is noted which message is for which.
            limit_bytes: What is larger is not offered to the Bot API.
        """
        self._limit_bytes = limit_bytes
        self._account = account
        self._gallery = gallery
        self._places = places

    async def deliver(
        self, entry: Entry, shown: Shown, where: MessageAddress, chat: Address, admit: Admit
    ) -> None:
        """
        Edit *where* into the first picture, and send the others as answers to it.

        Raises:
            MessageGoneError: *where* was deleted.
            MediaMissingError: A picture is lost.
            UnsealError: A picture is not what was stored.
            RetryableError: Do it again.
        """
        keyboard = entry_keyboard(entry, shown)
        await self._put(entry, shown.pictures[0], where, caption=shown.text, keyboard=keyboard, admit=admit)
        for number, picture in enumerate(shown.pictures[1:], start=2):
            # By number, not by picture: when lost pictures are made anew they go into the same messages.
            shown_id = ids.message_id("picture", entry.entry_id, number)
            if await self._places.ended_at(shown_id) >= entry.version:
                continue
            caption = f"{number} of {len(shown.pictures)} · {shown.text}"
            keyboard = picture_keyboard(picture.image_id)
            place = await self._place(shown_id, chat, where, caption, admit)
            await self._put(entry, picture, place, caption=caption, keyboard=keyboard, admit=admit)
            await self._places.end(shown_id, entry.version)

    async def _place(
        self, shown_id: UUID, chat: Address, reply_to: MessageAddress, caption: str, admit: Admit
    ) -> MessageAddress:
        """The message for a further picture: it begins as words, so that losing its id loses no picture."""
        place = await self._places.find(shown_id)
        if place is None:
            await admit(chat.chat_id)
            place = await self._account.say(chat, caption, reply_to=reply_to)
            await self._places.put(shown_id, place)
        return place

    async def _put(
        self,
        entry: Entry,
        picture: Picture,
        where: MessageAddress,
        *,
        caption: str,
        keyboard: InlineKeyboardMarkup | None,
        admit: Admit,
    ) -> None:
        media = picture.media
        if media.size_bytes <= self._limit_bytes:
            medium = await self._medium(entry, picture)
            await admit(where.chat_id)
            with suppress(TooLargeError):
                await self._edit_into(where, medium, caption, keyboard)
                return
        await self._put_instead(entry, picture, where, caption=caption, keyboard=keyboard, admit=admit)

    async def _medium(self, entry: Entry, picture: Picture) -> Medium:
        data = await self._gallery.open(entry.session_id, picture.image_id)
        poster = await self._poster(entry, picture)
        return medium_of(picture.media, data, await thumbnail_of(poster) if poster else b"")

    async def _poster(self, entry: Entry, picture: Picture) -> bytes:
        """A video's poster; empty without one. A video is not made again for the sake of its poster."""
        if picture.media.poster is None:
            return b""
        try:
            return await self._gallery.open(entry.session_id, picture.image_id, poster=True)
        except (MediaMissingError, UnsealError) as exc:
            structlog.get_logger().warning("poster missing", entry=str(entry.entry_id), code=exc.code)
            return b""

    async def _put_instead(
        self,
        entry: Entry,
        picture: Picture,
        where: MessageAddress,
        *,
        caption: str,
        keyboard: InlineKeyboardMarkup | None,
        admit: Admit,
    ) -> None:
        """Say that it is there and too large to be sent, with its poster if it has one."""
        size = f"{max(1, round(picture.media.size_bytes / _MB))} MB"
        said = f"{sentence('too-large-to-show', {'size': size})}\n{caption}"
        await admit(where.chat_id)
        still = picture.media.poster
        poster = await self._poster(entry, picture)
        if still is None or not poster:
            await self._account.edit_text(where, said, keyboard)
            return
        shown = medium_of(MediaRef(**asdict(still)), poster)
        await self._edit_into(where, shown, said, keyboard)

    async def _edit_into(
        self, where: MessageAddress, medium: Medium, caption: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """As what it is if possible; Telegram has more rules about that than it tells of."""
        try:
            await self._account.edit_into(where, medium, caption, keyboard)
        except RefusedError:
            if medium.kind == "document":
                raise
            await self._account.edit_into(where, medium.as_document(), caption, keyboard)
