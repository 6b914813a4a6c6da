"""The channel behind the real tunnel, behind a real network whose exits reach the Bot API server."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import psutil
import pytest

from schemas.commands import RequestRender
from services.devstack.ports import HOST, free_port
from services.ingress.telegram.via import authority
from tests.anonnet.shared import SharedNetwork
from tests.botapi.api import BotApi
from tests.integration.cli.operator import Operator
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running, readiness
from tests.integration.ingress_telegram.running import environment, main
from tests.integration.ingress_telegram.test_via_tunnel import conversation, ready, until_said
from tests.servers import NatsServer, eventually, service_process
from tests.unit.tunnel.test_hidden_service import ANON, ONION

ANN = 1001
UP_TIMEOUT_S = 90.0
_BYTES = re.compile(r'darkroom_tunnel_bytes_total\{backend="\(connect\)",direction="(\w+)"\} ([0-9.e+]+)')


class Tunnel:
    """
    The tunnel's program.

    Attributes:
        environ: Its variables.
        pid: Of its process.
    """

    def __init__(self, environ: dict[str, str], pid: int) -> None:
        self.environ = environ
        self.pid = pid

    async def until_up(self) -> None:
        """Wait until it carries something."""

        async def is_ready() -> bool:
            return not await readiness(self.environ)

        await eventually(is_ready, timeout_s=UP_TIMEOUT_S)

    def kill_anon(self) -> None:
        """End the network's program, which the tunnel then starts again."""
        (anon,) = psutil.Process(self.pid).children()
        anon.kill()

    async def carried(self) -> dict[str, float]:
        """Bytes by direction that went through CONNECT, of connections that have ended."""
        url = f"http://{HOST}:{self.environ['HEALTH_PORT']}/metrics"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return {way: float(count) for way, count in _BYTES.findall(await answer.text())}


@pytest.fixture
async def tunnel(network: SharedNetwork, api: BotApi, tmp_path: Path) -> AsyncGenerator[Tunnel]:
    """A tunnel that may not be up yet, and leads to the Bot API server."""
    environ = {
        "DARKROOM_HOME": str(tmp_path),
        "DARKROOM_TUNNEL": "anon",
        "DARKROOM_BACKENDS": f"gpu=http://{ANON if network.program == 'anon' else ONION}:80",
        "ANON_BINARY": str(network.binary),
        "ANON_CONFIG": str(network.config_file(tmp_path)),
        "ANON_AGREE_TO_TERMS": "yes",
        "TUNNEL_PORT": str(free_port()),
        "TUNNEL_CONNECT_PORT": str(free_port()),
        "TUNNEL_CONNECT_ALLOW": authority(api.url),
        "HEALTH_PORT": str(free_port()),
    }
    async with service_process("tunnel", **environ) as process:
        yield Tunnel(environ, process.pid)


@pytest.fixture
def environ(
    nats: NatsServer, key_file: Path, api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> dict[str, str]:
    """The channel's variables."""
    return environment(nats, key_file, api) | {
        "DARKROOM_TELEGRAM_VIA": "tunnel",
        "TUNNEL_CONNECT_URL": f"http://{HOST}:{tunnel.environ['TUNNEL_CONNECT_PORT']}",
    }


async def test_a_conversation_goes_through_the_network(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """Started before the network is there, the channel waits for it; then words and pictures go both ways."""
    async with Running(main, environ) as service:
        await until_said(service, "started", "waits for Telegram (the tunnel ")
        assert not api.world.replies
        await tunnel.until_up()
        await service.until_ready()
        await conversation(api, orchestrator)

    async def all_counted() -> bool:
        carried = await tunnel.carried()
        return min(carried.get("up", 0), carried.get("down", 0)) > 1000

    await eventually(all_counted)


async def test_a_killed_anon_loses_nothing(
    environ: dict[str, str], api: BotApi, orchestrator: FakeOrchestrator, tunnel: Tunnel
) -> None:
    """While it is away nothing reaches the Bot API; what was said meanwhile is taken when it is back."""
    await tunnel.until_up()
    async with ready(environ) as service:
        tunnel.kill_anon()
        await until_said(service, "tunnel", "the tunnel")
        api.user_says(ANN, "/f a goose")
        await orchestrator.next(RequestRender)
        await service.until_ready()


async def test_an_operator_sees_the_tunnel(tunnel: Tunnel) -> None:
    """Not up, then up with its circuits; a new identity can be had then, and not before."""
    operator = Operator(TUNNEL_URL=f"http://{HOST}:{tunnel.environ['TUNNEL_PORT']}")
    await eventually(lambda: _answers(operator))
    await tunnel.until_up()
    up = await operator.tunnel("status", "--json")
    said = await operator.tunnel("status")

    assert (0, True, "up") == (up.code, up.json["ok"], up.json["status"]["life"]["phase"])
    assert any(len(circuit["relays"]) == 3 for circuit in up.json["status"]["report"]["circuits"])
    assert said.out.startswith("The tunnel is up: ")
    assert 0 == (await operator.tunnel("new-identity")).code
    again = await operator.tunnel("status", "--json")
    assert again.json["status"]["life"]["generation"] > up.json["status"]["life"]["generation"]


async def _answers(operator: Operator) -> bool:
    return (await operator.tunnel("status")).code in {0, 1}
