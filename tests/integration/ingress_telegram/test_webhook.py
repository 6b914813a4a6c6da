"""Updates that Telegram posts: 200 only for what is kept, and everything else comes again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from schemas.commands import Ask, RequestRender
from services.common.errors import ConfigError
from services.common.keys import Keyring
from services.ingress.telegram import webhook as webhook_module
from services.ingress.telegram.main import main
from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.pictures import image_bytes
from tests.botapi.server import running_bot_api
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running
from tests.integration.ingress_telegram.posting import webhook
from tests.integration.ingress_telegram.running import environment, process, running
from tests.servers import NatsServer

ANN, BOB = 1001, 1002
COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255)}


async def colours(orchestrator: FakeOrchestrator, command: RequestRender) -> list[object]:
    """What the uploads of a command show."""
    keys = orchestrator.secrets(command).upload_keys
    stored = [await orchestrator.store.get(ref, keys[ref.media_id]) for ref in command.uploads]
    return [Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) for data in stored]


async def test_what_is_posted_is_taken(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path, keyring: Keyring
) -> None:
    """Telegram is told the address, the secret and what we look at; nothing is asked for."""
    where = webhook()
    async with running(nats, key_file, api, **where):
        api.user_says(ANN, "/f an astronaut")
        command = await orchestrator.next(RequestRender)
        await api.until(lambda: not api.pending_updates)
    told = api.calls("setWebhook")[0].args

    assert "an astronaut" == orchestrator.secrets(command).words.prompt
    assert (where["TELEGRAM_WEBHOOK_URL"], keyring.webhook.hex()) == (told["url"], told["secret_token"])
    assert ["callback_query", "message"] == sorted(told["allowed_updates"])
    assert [] == api.calls("getUpdates")


async def test_outage_is_told_once_and_posted_again(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """With NATS down Telegram is answered with 503 and the person told once; later it is one command each."""
    async with running(nats, key_file, api, **webhook()):
        await nats.stop()
        api.user_says(ANN, "/f first")
        api.user_says(ANN, "/f second")
        await api.until(lambda: api.from_bot(ANN))
        failure = await api.until(lambda: api.fetching.webhook.last_error)
        held = api.pending_updates
        await nats.start()
        await orchestrator.next(RequestRender, 2)
        await api.until(lambda: not api.pending_updates)
    said = [orchestrator.secrets(command).words.prompt for command in orchestrator.all(RequestRender)]

    assert "Wrong response from the webhook: 503 Service Unavailable" == failure[1]
    assert 2 == held
    assert ["first", "second"] == said
    assert 1 == len(api.from_bot(ANN))


async def test_album_is_one_request(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """Although Telegram posts a part only when the one before was taken; what was said later comes later."""
    async with running(nats, key_file, api, **webhook()):
        api.user_sends_album(ANN, [image_bytes(colour=name) for name in COLOURS], caption="/qwen a collage")
        api.user_says(ANN, "/queue")
        await orchestrator.next(Ask)
        await api.until(lambda: not api.pending_updates)
    command = await orchestrator.next(RequestRender)

    assert list(COLOURS.values()) == await colours(orchestrator, command)
    assert [RequestRender, Ask] == [type(heard) for heard in orchestrator.heard]


async def test_kill_before_an_album_was_whole_loses_nothing(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """Its parts were let go; the next process finds them, also one that polls."""
    async with process(nats, key_file, api, **webhook()) as first:
        api.user_sends_album(ANN, [image_bytes(colour=name) for name in COLOURS], caption="/qwen a collage")
        await api.until(lambda: not api.pending_updates)
        first.kill()
        await first.wait()
    before = list(orchestrator.heard)
    async with running(nats, key_file, api):
        command = await orchestrator.next(RequestRender)

    assert [] == before
    assert list(COLOURS.values()) == await colours(orchestrator, command)
    assert 1 == len(orchestrator.heard)


async def test_what_takes_long_is_taken_once(
    api: BotApi,
    orchestrator: FakeOrchestrator,
    nats: NatsServer,
    key_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Posted again while its picture is still being fetched, it is not begun again."""
    monkeypatch.setattr(webhook_module, "_ANSWER_S", 0.1)
    async with running(nats, key_file, api, **webhook()):
        api.faults.delay("getFile", delay_s=1.0)
        api.user_sends_photo(ANN, image_bytes(), caption="/qwen make it night")
        await api.until(lambda: not api.pending_updates)
        await orchestrator.next(RequestRender)

    assert api.fetching.webhook.last_error
    assert 1 == len(api.calls("getFile"))
    assert 1 == len(orchestrator.all(RequestRender))


async def test_hint_is_given_once(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """What is answered for good, or passed over, is let go; nobody is bothered with it."""
    async with running(nats, key_file, api, **webhook()):
        api.user_says(ANN, "what can you do?")
        api.user_says(-2001, "hello all")
        await api.until(lambda: not api.pending_updates)

    assert 1 == len(api.from_bot(ANN))
    assert [] == api.from_bot(-2001)
    assert [] == orchestrator.heard


async def test_a_webhook_that_was_taken_away_comes_back(
    api: BotApi,
    orchestrator: FakeOrchestrator,
    nats: NatsServer,
    key_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever polled with the same token has taken it; Telegram is told again, also after it was away."""
    monkeypatch.setattr(webhook_module, "_ANNOUNCE_EVERY_S", 0.1)
    async with running(nats, key_file, api, **webhook()):
        async with telegram_bot(api) as other:
            await other.delete_webhook()
        await api.go_down()
        api.user_says(ANN, "/f an astronaut")
        await api.come_back()
        await orchestrator.next(RequestRender)


async def test_polling_takes_the_webhook_away(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """Without the address the next process polls, and gets what could not be posted meanwhile."""
    async with running(nats, key_file, api, **webhook()):
        pass
    api.user_says(ANN, "/f an astronaut")
    async with running(nats, key_file, api):
        await orchestrator.next(RequestRender)

    assert "" == api.fetching.webhook.url


async def test_a_taken_port_is_named(
    api: BotApi, nats: NatsServer, key_file: Path, orchestrator: FakeOrchestrator
) -> None:
    """One sentence with the variables."""
    where = webhook()
    async with running(nats, key_file, api, **where):
        with pytest.raises(ConfigError, match="TELEGRAM_WEBHOOK_PORT"):
            async with running(nats, key_file, api, **where):
                pass


async def test_a_refused_address_is_named(
    nats: NatsServer, key_file: Path, orchestrator: FakeOrchestrator
) -> None:
    """With Telegram's own reason, and what to do."""
    refused = webhook() | {"TELEGRAM_WEBHOOK_URL": "https://bot.example:9999/"}
    async with running_bot_api() as api:
        with pytest.raises(ConfigError, match=r"TELEGRAM_WEBHOOK_URL .* only on ports") as error:
            async with running(nats, key_file, api, **refused):
                pass

    assert str(error.value).endswith("8443.")


async def test_stopped_before_telegram_answers(
    nats: NatsServer, key_file: Path, orchestrator: FakeOrchestrator
) -> None:
    """Waiting for the Bot API is no reason to be deaf."""
    async with running_bot_api() as api:
        api.faults.server_error("setWebhook", times=1000)
        async with Running(main, environment(nats, key_file, api) | webhook()) as service:
            await api.until(lambda: len(api.calls("setWebhook")) > 2)

    assert service.task.done()
