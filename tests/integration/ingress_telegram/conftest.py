"""The Telegram channel as it runs: a real NATS, a strict Bot API server, an orchestrator as told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.common.keys import Keyring
from tests.anonnet.fixtures import anon_network, network, session_folder, tor_network  # noqa: F401
from tests.botapi.api import BotApi
from tests.botapi.server import running_bot_api
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running
from tests.integration.ingress_telegram.running import running
from tests.servers import NatsServer


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """Telegram; at the end nothing may have been asked of it that only a broken client asks."""
    async with running_bot_api() as api:
        yield api
        api.assert_clean()


@pytest.fixture
async def orchestrator(nats: NatsServer, keyring: Keyring) -> AsyncGenerator[FakeOrchestrator]:
    """The other end."""
    orchestrator = await FakeOrchestrator.start(nats.url, keyring, "telegram")
    yield orchestrator
    await orchestrator.stop()


@pytest.fixture
async def service(
    nats: NatsServer, key_file: Path, api: BotApi, orchestrator: FakeOrchestrator
) -> AsyncGenerator[Running]:
    """The channel, ready."""
    async with running(nats, key_file, api) as service:
        yield service
