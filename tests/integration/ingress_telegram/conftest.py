"""The Telegram channel as it runs: a real NATS, a strict Bot API server, an orchestrator as told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.common.keys import Keyring, ensure_key_file, read_keyring
from tests.botapi.api import BotApi
from tests.botapi.server import running_bot_api
from tests.integration.ingress_telegram.running import Running, running
from tests.integration.ingress_telegram.studio import Studio
from tests.servers import NatsServer


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A fresh deployment's key."""
    path = tmp_path / "key"
    ensure_key_file(path)
    return path


@pytest.fixture
def keyring(key_file: Path) -> Keyring:
    """The keys of that deployment."""
    return read_keyring(key_file)


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """Telegram; at the end nothing may have been asked of it that only a broken client asks."""
    async with running_bot_api() as api:
        yield api
        api.assert_clean()


@pytest.fixture
async def studio(nats: NatsServer, keyring: Keyring) -> AsyncGenerator[Studio]:
    """The other end."""
    studio = await Studio.start(nats.url, keyring)
    yield studio
    await studio.stop()


@pytest.fixture
async def service(nats: NatsServer, key_file: Path, api: BotApi, studio: Studio) -> AsyncGenerator[Running]:
    """The channel, ready."""
    async with running(nats.urls["ingress-telegram"], key_file, api) as service:
        yield service
