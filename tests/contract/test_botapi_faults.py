"""The Bot API test server: ordered faults, outages, flood control, and waiting by condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.flood import FloodRule
from tests.botapi.pictures import image_bytes
from tests.botapi.refusal import RefusedError
from tests.botapi.server import running_bot_api

ANN = 501


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """A fresh server in which Ann has pressed Start; ordered faults are no violations."""
    async with running_bot_api() as running:
        running.user_says(ANN, "/start")
        yield running
        running.assert_clean()


@pytest.fixture
async def bot(api: BotApi, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bot]:
    """A client of that server."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the client warns as soon as it hears a 429
    async with telegram_bot(api) as made:
        yield made


def said(api: BotApi) -> list[str]:
    """What the bot has said to Ann."""
    return [message.text for message in api.from_bot(ANN)]


async def test_too_many_requests(api: BotApi, bot: Bot) -> None:
    """429 carries retry_after, meets only its method and only as often as ordered, and nothing happens."""
    api.faults.too_many_requests("sendMessage", times=2, retry_after_s=7)

    await bot.send_chat_action(ANN, "typing")
    for _ in range(2):
        with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
            await bot.send_message(ANN, "x")
    await bot.send_message(ANN, "y")

    assert (["y"], 0) == (said(api), api.faults.left)
    assert [429, 429, 200] == [reply.status for reply in api.calls("sendMessage")]


@pytest.mark.parametrize(("code", "text"), [(500, "Internal Server Error"), (502, "Bad Gateway")])
async def test_server_error(api: BotApi, bot: Bot, code: int, text: str) -> None:
    """500 is JSON, 502 the proxy's page; nothing happens, and a client amid its upload hears it."""
    api.faults.server_error(code=code)

    with pytest.raises(NetworkError, match=text):
        await bot.send_document(ANN, bytes(8 * 1024 * 1024))

    assert [] == api.from_bot(ANN)


async def test_dropped_before(api: BotApi, bot: Bot) -> None:
    """The connection breaks and nothing happened."""
    api.faults.drop_before("sendMessage")

    with pytest.raises(NetworkError):
        await bot.send_message(ANN, "x")

    assert [] == said(api)


async def test_dropped_after(api: BotApi, bot: Bot) -> None:
    """The reply is lost but the message is there: trying again shows it twice."""
    api.faults.drop_after("sendMessage")

    with pytest.raises(NetworkError):
        await bot.send_message(ANN, "x")
    await bot.send_message(ANN, "x")

    assert ["x", "x"] == said(api)


async def test_updates_survive_a_lost_reply(api: BotApi, bot: Bot) -> None:
    """Updates in a lost reply come again."""
    api.faults.drop_after("getUpdates")

    with pytest.raises(NetworkError):
        await bot.get_updates()

    assert ["/start"] == [update.message.text for update in await bot.get_updates()]


async def test_late_reply(api: BotApi, bot: Bot) -> None:
    """A reply that comes too late leaves the effect, though the client saw a time-out."""
    api.faults.delay_reply("sendMessage", delay_s=30)

    with pytest.raises(TimedOut):
        await bot.send_message(ANN, "x", read_timeout=0.2)

    assert ["x"] == said(api)


async def test_delay(api: BotApi, bot: Bot) -> None:
    """A slow call outlasts the client's patience and takes no effect after the client hung up."""
    api.faults.delay("sendMessage", delay_s=30)

    with pytest.raises(TimedOut):
        await bot.send_message(ANN, "x", read_timeout=0.05)
    await api.until(lambda: api.calls("sendMessage"))

    assert [] == said(api)


async def test_download_faults(api: BotApi, bot: Bot) -> None:
    """A download can break off in the middle, or fail."""
    sent = await bot.send_photo(ANN, image_bytes())
    file = await sent.photo[-1].get_file()
    api.faults.drop_after("file")
    api.faults.server_error("file", code=502)

    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await file.download_as_bytearray()

    assert image_bytes() == await file.download_as_bytearray()


async def test_outage(api: BotApi, bot: Bot) -> None:
    """The server goes down in the middle of a poll, comes back on its port, and knows everything."""
    (start,) = await bot.get_updates()
    poll = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=20))
    await api.until(lambda: api.world.updates.polled)

    await api.go_down()
    with pytest.raises(NetworkError):
        await asyncio.wait_for(poll, 5)
    with pytest.raises(NetworkError):
        await bot.send_message(ANN, "x")
    api.user_says(ANN, "are you there?")
    await api.come_back()

    assert ["are you there?"] == [update.message.text for update in await bot.get_updates()]
    assert 2 == (await bot.send_message(ANN, "yes", reply_to_message_id=2)).reply_to_message.message_id


async def test_outage_by_itself() -> None:
    """A server that is down when the test ends is closed without a word."""
    async with running_bot_api() as api:
        await api.go_down()


async def test_broken_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the test server never passes for an ordered fault."""
    async with running_bot_api() as api, telegram_bot(api) as bot:
        monkeypatch.delattr(api.world, "chats")

        with pytest.raises(NetworkError):
            await bot.send_message(ANN, "x")

        assert "the test server itself broke" in api.violations[0]


def test_flood_rule() -> None:
    """One message per chat and second; other chats and other methods are free."""
    now_s = 100.0
    rule = FloodRule(per_chat_s=1.0, clock=lambda: now_s)
    rule.check("sendMessage", ANN)
    rule.check("sendMessage", 502)
    rule.check("sendChatAction", ANN)
    rule.check("getFile", None)

    with pytest.raises(RefusedError, match="retry after 1"):
        rule.check("editMessageText", ANN)
    now_s = 101.0
    rule.check("editMessageText", ANN)


async def test_flood_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rule on, the second message at once is refused with 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    async with running_bot_api(per_chat_s=60) as api, telegram_bot(api) as bot:
        api.user_says(ANN, "/start")
        await bot.send_message(ANN, "x")

        with pytest.raises(RetryAfter):
            await bot.send_message(ANN, "y")

        assert ["x"] == said(api)


async def test_until_tells_what_it_saw(api: BotApi, bot: Bot) -> None:
    """A wait that fails shows the transcript and the latest calls."""
    await bot.send_message(ANN, "Queued")
    with pytest.raises(BadRequest):
        await bot.edit_message_text("Queued", ANN, 2)

    with pytest.raises(AssertionError) as failure:
        await api.until(lambda: api.chat(ANN)[-1].edits, timeout_s=0.01)

    for line in ("#1 user: /start", "#2 bot: Queued", "editMessageText 501 → 400 message is not modified"):
        assert line in str(failure.value)


async def test_until_returns_what_it_found(api: BotApi, bot: Bot) -> None:
    """A wait ends as soon as its condition holds, with the condition's value."""
    wait = asyncio.create_task(api.until(lambda: said(api)))
    await bot.send_message(ANN, "Queued")

    assert ["Queued"] == await asyncio.wait_for(wait, 5)
