"""No update is let go before what it asks for is kept, and none is taken twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from schemas import subjects
from schemas.commands import RequestRender
from services.common.keys import Keyring
from tests.botapi.api import BotApi
from tests.botapi.pictures import image_bytes
from tests.integration.ingress_telegram.running import Running, process, running
from tests.integration.ingress_telegram.studio import Studio
from tests.integration.ingress_web.own_nats import OwnNats
from tests.servers import eventually

ANN, BOB = 1001, 1002


@pytest.fixture
async def own_nats(tmp_path: Path) -> AsyncGenerator[OwnNats]:
    """NATS, running, to be stopped and started again."""
    home = tmp_path / "nats"
    home.mkdir()
    server = OwnNats(home)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def studio(own_nats: OwnNats, keyring: Keyring) -> AsyncGenerator[Studio]:
    """The other end, on that NATS."""
    studio = await Studio.start(own_nats.url, keyring)
    yield studio
    await studio.stop()


@pytest.fixture
async def service(own_nats: OwnNats, key_file: Path, api: BotApi, studio: Studio) -> AsyncGenerator[Running]:
    """The channel on that NATS."""
    async with running(own_nats.url, key_file, api) as service:
        yield service


@pytest.mark.usefixtures("service")
async def test_outage_is_told_once_and_caught_up(api: BotApi, studio: Studio, own_nats: OwnNats) -> None:
    """With NATS down a person hears so once; with NATS back all they said is done, in order."""
    await own_nats.stop()
    api.user_says(ANN, "/f first")
    await api.until(lambda: api.from_bot(ANN))
    api.user_says(ANN, "/f second")
    api.user_sends_photo(BOB, image_bytes(), caption="/qwen third")
    await api.until(lambda: api.from_bot(BOB))

    polls = len(api.calls("getUpdates"))
    await api.until(lambda: len(api.calls("getUpdates")) > polls + 4)  # it goes on trying for a while

    assert 3 == api.pending_updates

    await own_nats.start()
    await studio.next(RequestRender, 3)
    said = [studio.secrets(command).words.prompt for command in studio.all(RequestRender)]
    await api.until(lambda: not api.pending_updates)

    assert ["first", "second"] == [words for words in said if words != "third"]
    assert ["I can't take this just now. I will as soon as I can; no need to send it again."] * 2 == [
        message.text for chat in (ANN, BOB) for message in api.from_bot(chat)
    ]


async def test_kill_during_an_outage_loses_nothing(
    api: BotApi, studio: Studio, own_nats: OwnNats, key_file: Path
) -> None:
    """What could not be kept when the process died is fetched again by the next one."""
    async with process(own_nats.url, key_file, api) as first:
        await own_nats.stop()
        api.user_says(ANN, "/f an astronaut")
        await api.until(lambda: api.from_bot(ANN))
        first.kill()
    await own_nats.start()
    async with running(own_nats.url, key_file, api):
        command = await studio.next(RequestRender)
        await api.until(lambda: not api.pending_updates)

    assert "an astronaut" == studio.secrets(command).words.prompt
    assert 1 == len(studio.all(RequestRender))


async def test_lost_confirmation_asks_and_says_nothing_twice(
    api: BotApi, studio: Studio, own_nats: OwnNats, key_file: Path
) -> None:
    """A process that dies after handling updates, before Telegram knows, leaves nothing to be seen twice."""

    async def noted() -> bool:
        bucket = await studio.bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        return (await bucket.status()).values == 1

    async with process(own_nats.url, key_file, api) as first:
        api.user_says(ANN, "/f an astronaut")
        api.user_says(ANN, "what can you do?")
        # The poll that is under way gets them; the next, which would let them go, gets nowhere.
        api.faults.drop_before("getUpdates", times=1_000)
        await studio.next(RequestRender)
        await eventually(noted)
        first.kill()
        await first.wait()
    api.faults.clear()
    async with running(own_nats.url, key_file, api):
        await api.until(lambda: not api.pending_updates)

    assert 1 == len(studio.all(RequestRender))
    assert 1 == len(api.from_bot(ANN))


@pytest.mark.usefixtures("service")
async def test_telegram_away_for_a_while(api: BotApi, studio: Studio) -> None:
    """When the Bot API comes back, polling goes on by itself."""
    await api.go_down()
    api.user_says(ANN, "/f an astronaut")
    await api.come_back()

    command = await studio.next(RequestRender)

    assert "f" == command.command


@pytest.mark.usefixtures("service")
async def test_one_stuck_chat_holds_up_nobody(api: BotApi, studio: Studio) -> None:
    """While one person's file can't be fetched, another's command is taken."""
    api.faults.server_error("getFile", times=2)
    api.user_sends_photo(ANN, image_bytes(), caption="/qwen slow")
    api.user_says(BOB, "/f quick")

    first = await studio.next(RequestRender)
    second = await studio.next(RequestRender, 2)

    assert ["f", "qwen"] == [first.command, second.command]
    await api.until(lambda: not api.pending_updates)
