"""The bot's account: every call to the Bot API is made here, and every failure of one gets its meaning."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import structlog
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, InvalidToken, TelegramError

from schemas.private import Address, MessageAddress
from services.common.errors import ConfigError
from services.ingress.telegram.attachment import attachment
from services.ingress.telegram.medium import Medium
from services.ingress.telegram.refusals import NOT_MODIFIED, meaning
from services.ingress.telegram.requests import UPLOAD_S
from services.ingress.telegram.utf16 import fitting

MAX_TEXT = 4096
MAX_CAPTION = 1024
_ALLOWED_UPDATES = ["message", "callback_query"]
_POLL_GRACE_S = 10.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Account:
    """
    A bot, as far as this channel needs one.

    Every method raises the errors of ``telegram.refusals``; editing a message into what it is already
    is no error.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def bot_id(self) -> int:
        """The bot's own id."""
        return self._bot.id

    @property
    def username(self) -> str:
        """The bot's name without the @."""
        return self._bot.username

    async def sign_in(self) -> None:
        """
        Ask who we are.

        Raises:
            ConfigError: The token is not valid there.
        """
        with _meant():
            try:
                await self._bot.initialize()
            except InvalidToken as exc:
                raise ConfigError(
                    "TELEGRAM_TOKEN was refused by the Bot API server. Copy it again from @BotFather, "
                    "and look whether TELEGRAM_API_URL is right."
                ) from exc

    async def sign_out(self) -> None:
        """Close the connections."""
        with _meant():
            await self._bot.shutdown()

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to *url*, each with *secret*; doing it again changes nothing."""
        with _meant():
            await self._bot.set_webhook(url, allowed_updates=_ALLOWED_UPDATES, secret_token=secret)

    async def delete_webhook(self) -> None:
        """Have updates kept for us to fetch."""
        with _meant():
            await self._bot.delete_webhook()

    def read_update(self, posted: dict[str, Any]) -> Update | None:
        """An update that was posted; nothing, and a line in the log, when the library can't read it."""
        try:
            return Update.de_json(posted, self._bot)
        except (ValueError, LookupError, TypeError, AttributeError) as exc:
            structlog.get_logger().error("unreadable update", error=type(exc).__name__)
            return None

    async def updates(self, offset: int, *, wait_s: int) -> tuple[Update, ...]:
        """Updates from *offset* on, which lets go of those before it; waits *wait_s* for the first."""
        with _meant():
            return await self._bot.get_updates(
                offset=offset, timeout=wait_s, allowed_updates=_ALLOWED_UPDATES, read_timeout=_POLL_GRACE_S
            )

    async def say(
        self,
        chat: Address,
        text: str,
        *,
        reply_to: MessageAddress | None = None,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> MessageAddress:
        """Send a message; one it answers that was deleted is no obstacle."""
        reply = None
        if reply_to is not None and reply_to.message_id:
            reply = ReplyParameters(reply_to.message_id, allow_sending_without_reply=True)
        with _meant():
            sent = await self._bot.send_message(
                chat.chat_id,
                fitting(text, MAX_TEXT),
                message_thread_id=chat.thread_id or None,
                reply_parameters=reply,
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )
        return MessageAddress(chat_id=chat.chat_id, message_id=sent.message_id)

    async def edit_text(
        self, where: MessageAddress, text: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Make the message say *text* and nothing else."""
        with _meant():
            await self._bot.edit_message_text(
                fitting(text, MAX_TEXT),
                chat_id=where.chat_id,
                message_id=where.message_id,
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )

    async def edit_into(
        self, where: MessageAddress, medium: Medium, caption: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Make the message show *medium*, whatever it is now."""
        with _meant():
            await self._bot.edit_message_media(
                attachment(medium, fitting(caption, MAX_CAPTION)),
                chat_id=where.chat_id,
                message_id=where.message_id,
                reply_markup=keyboard,
                read_timeout=UPLOAD_S,
            )

    async def answer_press(self, query_id: str, text: str) -> None:
        """Stop the little clock on a pressed button; *text* may be empty."""
        with _meant():
            await self._bot.answer_callback_query(query_id, text=text[:200] or None)

    async def download(self, file_id: str) -> bytes:
        """The bytes of a file that somebody sent."""
        with _meant():
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray(read_timeout=UPLOAD_S))

    async def set_commands(self, commands: list[tuple[str, str]]) -> None:
        """What the menu offers: commands and what they do."""
        with _meant():
            await self._bot.set_my_commands([BotCommand(name, text) for name, text in commands])


@contextmanager
def _meant() -> Generator[None]:
    try:
        yield
    except BadRequest as exc:
        if NOT_MODIFIED not in exc.message.lower():
            raise meaning(exc) from exc
    except TelegramError as exc:
        raise meaning(exc) from exc
