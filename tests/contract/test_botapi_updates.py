"""The Bot API test server: offsets, long polls, and the webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.server import running_bot_api
from tests.botapi.webhook import SECRET_HEADER

ANN = 501


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """A fresh server without any update."""
    async with running_bot_api() as running:
        yield running


@pytest.fixture
async def bot(api: BotApi) -> AsyncGenerator[Bot]:
    """A client of that server."""
    async with telegram_bot(api) as made:
        yield made


async def texts(bot: Bot, **asked: Any) -> list[str | None]:
    """What getUpdates returns, as the messages' texts."""
    return [(update.message or update.edited_message).text for update in await bot.get_updates(**asked)]


async def test_offset(api: BotApi, bot: Bot) -> None:
    """Updates come again until a higher offset confirms them; their ids rise by one."""
    for text in "abcd":
        api.user_says(ANN, text)

    first, second = await bot.get_updates(limit=2)

    assert 1 == second.update_id - first.update_id
    assert ["a", "b", "c", "d"] == await texts(bot)
    assert ["b", "c", "d"] == await texts(bot, offset=second.update_id)
    assert (first.update_id, 3) == (api.world.updates.confirmed_id, api.pending_updates)
    assert ["d"] == await texts(bot, offset=-1)
    assert 1 == api.pending_updates
    api.assert_clean()


async def test_confirming_the_unseen(api: BotApi, bot: Bot) -> None:
    """An offset that would lose updates no client was ever handed is a violation."""
    api.user_says(ANN, "a")
    (first,) = await bot.get_updates()
    api.user_says(ANN, "b")

    with pytest.raises(BadRequest, match="never handed out"):
        await bot.get_updates(offset=first.update_id + 2)

    assert (2, 1) == (api.pending_updates, len(api.violations))


async def test_long_poll(api: BotApi, bot: Bot) -> None:
    """A poll waits, and returns as soon as something is said."""
    poll = asyncio.create_task(texts(bot, timeout=20))
    await api.until(lambda: api.world.updates.polled)

    api.user_says(ANN, "at last")

    assert ["at last"] == await asyncio.wait_for(poll, 5)
    assert [] == await texts(bot, timeout=0, offset=api.world.updates.next_id)


async def test_two_pollers(api: BotApi, bot: Bot) -> None:
    """A second poll ends the first with 409 and takes its place."""
    first = asyncio.create_task(texts(bot, timeout=20))
    await api.until(lambda: api.world.updates.polled)
    second = asyncio.create_task(texts(bot, timeout=20))

    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 5)
    api.user_says(ANN, "to the second")

    assert ["to the second"] == await asyncio.wait_for(second, 5)


async def test_poller_that_hangs_up(api: BotApi, bot: Bot) -> None:
    """A client that dies in its poll leaves nothing behind: its successor meets no conflict."""
    poll = asyncio.create_task(texts(bot, timeout=20))
    await api.until(lambda: api.world.updates.polled)
    poll.cancel()
    await api.until(lambda: not api.world.updates.polled)

    api.user_says(ANN, "hello?")

    assert ["hello?"] == await texts(bot, timeout=20)


async def test_allowed_updates(api: BotApi, bot: Bot) -> None:
    """Kinds that were not asked for are never queued; the setting stays until it is changed."""
    await bot.get_updates(allowed_updates=["edited_message"])
    said = api.user_says(ANN, "a")
    api.user_edits(ANN, said, "b")

    assert ["b"] == await texts(bot)
    await bot.get_updates(allowed_updates=[])
    api.user_says(ANN, "c")
    assert ["b", "c"] == await texts(bot)


class Hook:
    """A webhook's far end that answers with the statuses it is given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[str, str | None]] = []

    async def take(self, request: web.Request) -> web.Response:
        """Note the text and the secret."""
        update = await request.json()
        self.got.append((update["message"]["text"], request.headers.get(SECRET_HEADER)))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def start(self) -> tuple[str, web.AppRunner]:
        """Listen on a free port; returns the address and what to clean up."""
        app = web.Application()
        app.router.add_post("/hook", self.take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/hook", runner


async def test_webhook(api: BotApi, bot: Bot) -> None:
    """The webhook gets each update in order, with the secret, again until it says 200."""
    hook = Hook(500, 503)
    url, runner = await hook.start()
    api.user_says(ANN, "a")
    await bot.set_webhook(url, secret_token="s3cret", allowed_updates=["message"])
    api.user_says(ANN, "b")

    await api.until(lambda: not api.pending_updates)

    assert [(text, "s3cret") for text in ("a", "a", "a", "b")] == hook.got
    info = await bot.get_webhook_info()
    assert (url, 0, ("message",)) == (info.url, info.pending_update_count, info.allowed_updates)
    assert "Wrong response from the webhook: 503 Service Unavailable" == info.last_error_message
    await bot.delete_webhook()
    await runner.cleanup()


async def test_webhook_excludes_polling(api: BotApi, bot: Bot) -> None:
    """A webhook ends the poll that waits and refuses others; what it can't deliver stays queued."""
    url, runner = await Hook().start()
    await runner.cleanup()  # nobody listens there now
    poll = asyncio.create_task(texts(bot, timeout=20))
    await api.until(lambda: api.world.updates.polled)
    await bot.set_webhook(url)

    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await asyncio.wait_for(poll, 5)
    with pytest.raises(Conflict, match="use deleteWebhook to delete the webhook first"):
        await bot.get_updates()
    api.user_says(ANN, "kept")
    await api.until(lambda: api.fetching.webhook.last_error)
    await bot.delete_webhook()
    assert ["kept"] == await texts(bot)
    await bot.delete_webhook(drop_pending_updates=True)
    assert [] == await texts(bot)
