"""A real python-telegram-bot client for the test server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.botapi.api import BotApi


def _request() -> HTTPXRequest:
    # Neither proxies nor certificates from the environment.
    return HTTPXRequest(connection_pool_size=8, httpx_kwargs={"trust_env": False})


@asynccontextmanager
async def telegram_bot(api: BotApi) -> AsyncGenerator[Bot]:
    """A ``telegram.Bot`` that talks to *api* and is shut down at the end."""
    bot = Bot(
        api.token,
        base_url=f"{api.url}/bot",
        base_file_url=f"{api.url}/file/bot",
        request=_request(),
        get_updates_request=_request(),
    )
    async with bot:
        yield bot
