"""No update is let go before what it asks for is kept, and none is taken twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import subjects
from schemas.commands import RequestRender
from tests.botapi.api import BotApi
from tests.botapi.pictures import image_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.posting import webhook
from tests.integration.ingress_telegram.running import process, running
from tests.servers import NatsServer, eventually

ANN, BOB = 1001, 1002


@pytest.mark.usefixtures("service")
async def test_outage_is_told_once_and_caught_up(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer
) -> None:
    """With NATS down a person hears so once; with NATS back all they said is done, in order."""
    await nats.stop()
    api.user_says(ANN, "/f first")
    await api.until(lambda: api.from_bot(ANN))
    api.user_says(ANN, "/f second")
    api.user_sends_photo(BOB, image_bytes(), caption="/qwen third")
    await api.until(lambda: api.from_bot(BOB))

    polls = len(api.calls("getUpdates"))
    await api.until(lambda: len(api.calls("getUpdates")) > polls + 4)  # it goes on trying for a while

    assert 3 == api.pending_updates

    await nats.start()
    await orchestrator.next(RequestRender, 3)
    said = [orchestrator.secrets(command).words.prompt for command in orchestrator.all(RequestRender)]
    await api.until(lambda: not api.pending_updates)

    assert ["first", "second"] == [words for words in said if words != "third"]
    assert ["I can't take this just now. I will as soon as I can; no need to send it again."] * 2 == [
        message.text for chat in (ANN, BOB) for message in api.from_bot(chat)
    ]


@pytest.mark.parametrize("way_in", [{}, webhook()], ids=["fetched", "posted"])
async def test_kill_during_an_outage_loses_nothing(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path, way_in: dict[str, str]
) -> None:
    """What could not be kept when the process died comes to the next one."""
    async with process(nats, key_file, api, **way_in) as first:
        await nats.stop()
        api.user_says(ANN, "/f an astronaut")
        await api.until(lambda: api.from_bot(ANN))
        first.kill()
        await first.wait()
    await nats.start()
    async with running(nats, key_file, api, **way_in):
        command = await orchestrator.next(RequestRender)
        await api.until(lambda: not api.pending_updates)

    assert "an astronaut" == orchestrator.secrets(command).words.prompt
    assert 1 == len(orchestrator.all(RequestRender))


async def test_lost_confirmation_asks_and_says_nothing_twice(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """A process that dies after handling updates, before Telegram knows, leaves nothing to be seen twice."""

    async def noted() -> bool:
        bucket = await orchestrator.bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        return (await bucket.status()).values == 1

    async with process(nats, key_file, api) as first:
        await api.until(lambda: api.world.updates.polled)
        api.user_says(ANN, "/f an astronaut")
        api.user_says(ANN, "what can you do?")
        # The poll that is under way gets them; the next, which would let them go, gets nowhere.
        api.faults.drop_before("getUpdates", times=1_000)
        await orchestrator.next(RequestRender)
        await eventually(noted)
        first.kill()
        await first.wait()
    api.faults.clear()
    async with running(nats, key_file, api):
        await api.until(lambda: not api.pending_updates)

    assert 1 == len(orchestrator.all(RequestRender))
    assert 1 == len(api.from_bot(ANN))


@pytest.mark.usefixtures("service")
async def test_telegram_away_for_a_while(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """When the Bot API comes back, polling goes on by itself."""
    await api.go_down()
    api.user_says(ANN, "/f an astronaut")
    await api.come_back()

    command = await orchestrator.next(RequestRender)

    assert "f" == command.command


@pytest.mark.usefixtures("service")
async def test_one_stuck_chat_holds_up_nobody(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """While one person's file can't be fetched, another's command is taken."""
    api.faults.server_error("getFile", times=2)
    api.user_sends_photo(ANN, image_bytes(), caption="/qwen slow")
    api.user_says(BOB, "/f quick")

    first = await orchestrator.next(RequestRender)
    second = await orchestrator.next(RequestRender, 2)

    assert ["f", "qwen"] == [first.command, second.command]
    await api.until(lambda: not api.pending_updates)
