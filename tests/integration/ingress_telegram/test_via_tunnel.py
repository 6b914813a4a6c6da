"""With DARKROOM_TELEGRAM_VIA=tunnel everything goes through the tunnel, and nothing when it is down."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schemas.commands import ReportStatusShown, RequestRender
from services.common.errors import ConfigError
from tests.botapi.api import BotApi
from tests.botapi.pictures import image_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running
from tests.integration.ingress_telegram.painting import painted
from tests.integration.ingress_telegram.running import environment, main
from tests.integration.ingress_telegram.tunnelling import Trap, Tunnel, trap, tunnel_to
from tests.servers import NatsServer, eventually

ANN = 1001


@pytest.fixture
async def tunnel(api: BotApi) -> AsyncGenerator[Tunnel]:
    """Not started; at the end nobody has gone past it."""
    async with tunnel_to(api) as tunnel:
        yield tunnel
        assert 0 == tunnel.direct.connections


@pytest.fixture
def environ(nats: NatsServer, key_file: Path, api: BotApi, orchestrator: FakeOrchestrator) -> dict[str, str]:
    """The channel's variables, by which it would go directly."""
    return environment(nats, key_file, api)


@pytest.fixture(params=["tunnel", "direct"])
async def either_way(
    request: pytest.FixtureRequest, environ: dict[str, str], tunnel: Tunnel
) -> AsyncGenerator[dict[str, str]]:
    """The channel's variables for the way, which it has gone in the end."""
    await tunnel.start()
    yield environ | (tunnel.settings if request.param == "tunnel" else {})
    assert (request.param == "tunnel") == bool(tunnel.exits.asked)


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Trap]:
    """A trap that every proxy variable of this process names."""
    async with trap() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.upper(), proxy.url)
        yield proxy


@asynccontextmanager
async def ready(environ: dict[str, str]) -> AsyncGenerator[Running]:
    """The channel, ready."""
    async with Running(main, environ) as service:
        await service.until_ready()
        yield service


async def conversation(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """Ann asks for a picture in words, and for another with a photo of her own; both are shown."""
    api.user_says(ANN, "/f a goose")
    await paint(api, orchestrator, await orchestrator.next(RequestRender), 1)
    api.user_sends_photo(ANN, image_bytes(), caption="/qwen a goose")
    edit = await orchestrator.next(RequestRender, 2)
    await paint(api, orchestrator, edit, 2)

    assert 1 == len(edit.uploads)


async def paint(api: BotApi, orchestrator: FakeOrchestrator, command: RequestRender, nth: int) -> None:
    """*command* is queued, then done, and its picture is seen, the *nth*."""
    await orchestrator.show(orchestrator.entry_for(command))
    pictures = await painted(orchestrator, command, "crimson")
    await orchestrator.show(orchestrator.entry_for(command, status="done", version=3, pictures=pictures))
    await api.until(lambda: ["photo"] * nth == [message.kind for message in api.from_bot(ANN)])
    await api.until(lambda: not api.pending_updates)


async def test_a_conversation_goes_through(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """Words, files and pictures, both ways; the network is asked for the Bot API server and nothing else."""
    await tunnel.start()
    async with ready(environ | tunnel.settings):
        await conversation(api, orchestrator)

    assert {tunnel.direct.port} == {asked.port for asked in tunnel.exits.asked}
    assert 1 == len({asked.user for asked in tunnel.exits.asked})


async def test_nothing_is_sent_while_there_is_no_tunnel(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """Not even to ask who we are; readiness says why, and it goes on by itself once there is one."""
    api.user_says(ANN, "/f a goose")
    async with Running(main, environ | tunnel.settings) as service:
        await until_said(service, "started", "waits for Telegram (the tunnel does not run")
        assert not api.calls("getMe")

        await tunnel.start()
        await service.until_ready()
        await orchestrator.next(RequestRender)


async def test_nothing_is_sent_while_the_network_is_down(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """Likewise when the tunnel runs and anon does not."""
    tunnel.exits.is_up = False
    await tunnel.start()
    async with Running(main, environ | tunnel.settings) as service:
        await until_said(service, "started", "waits for Telegram (the tunnel is down")
        assert not api.calls("getMe")
        assert not tunnel.exits.asked

        tunnel.exits.is_up = True
        await service.until_ready()


async def test_an_outage_of_the_tunnel_loses_nothing(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """Updates wait at Telegram and replies on JetStream; readiness says so meanwhile."""
    await tunnel.start()
    async with ready(environ | tunnel.settings) as service:
        api.user_says(ANN, "/f first")
        first = await orchestrator.next(RequestRender)
        await tunnel.stop()
        calls = len(api.world.replies)

        api.user_says(ANN, "/f second")
        await orchestrator.show(orchestrator.entry_for(first))
        await until_said(service, "tunnel", "the tunnel does not run")
        assert not api.from_bot(ANN)
        assert not [reply for reply in api.world.replies[calls:] if reply.code == 200]

        await tunnel.start()
        await orchestrator.next(RequestRender, 2)
        await orchestrator.next(ReportStatusShown)
        await service.until_ready()

    assert 1 == len(api.from_bot(ANN))


async def test_the_environments_proxies_play_no_part(
    either_way: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, proxy: Trap
) -> None:
    """Whichever way is chosen: they point elsewhere, and nobody comes by there."""
    async with ready(either_way):
        await conversation(api, orchestrator)

    assert 0 == proxy.connections


async def test_what_would_go_around_it_is_refused_at_start(environ: dict[str, str], tunnel: Tunnel) -> None:
    """Before anything is sent."""
    readable = tunnel.settings | {"TELEGRAM_API_URL": "http://bot.example"}
    service = Running(main, environ | readable)

    with pytest.raises(ConfigError, match="TELEGRAM_API_URL begins with http://"):
        await service.task


async def until_said(service: Running, check: str, words: str) -> None:
    """Wait until readiness says *words* of *check*."""

    async def said() -> bool:
        return words in (await service.readiness()).get(check, "")

    await eventually(said)
