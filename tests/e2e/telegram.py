"""A whole Darkroom with its Telegram channel at a strict Bot API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.botapi.api import BotApi
from tests.botapi.messages import Message
from tests.botapi.server import running_bot_api
from tests.e2e.darkroom import Darkroom, running_darkroom

TOKEN = "4380:strict-test-token-of-the-bot-api-server"
ME = 4_380_001


@asynccontextmanager
async def telegram_darkroom(
    home: Path, *, simulator: str = "", arguments: tuple[str, ...] = ()
) -> AsyncGenerator[tuple[Darkroom, BotApi]]:
    """Both, wired to each other; at the end the Bot API server must have seen nothing wrong."""
    async with running_bot_api(token=TOKEN) as api:
        context = running_darkroom(
            home,
            *arguments,
            simulator=simulator,
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_URL=api.url,
            DARKROOM_ALLOW="*",
        )
        # In threads: the Bot API server lives in this event loop and is spoken to meanwhile.
        darkroom = await asyncio.to_thread(context.__enter__)
        try:
            yield darkroom, api
            api.assert_clean()
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)


def pictures(api: BotApi, chat: int = ME) -> list[Message]:
    """The bot's messages that are pictures."""
    return [message for message in api.from_bot(chat) if message.kind == "photo"]


def answer_to(api: BotApi, asked: int, chat: int = ME) -> Message | None:
    """The bot's one message under a person's message."""
    found = [
        message for message in api.from_bot(chat) if message.reply_to and message.reply_to.message_id == asked
    ]
    assert len(found) <= 1, [message.text for message in found]
    return found[0] if found else None
