"""The Telegram channel as it runs: its ``main`` in the test's event loop, or a process that can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from services.devstack.ports import free_port
from services.ingress.telegram.main import main
from tests.botapi.api import BotApi
from tests.integration.ingress.running import Running, until_ready
from tests.servers import NatsServer, service_process


def environment(nats: NatsServer, key_file: Path, api: BotApi) -> dict[str, str]:
    """The service's variables."""
    return {
        "NATS_URL": nats.urls["ingress-telegram"],
        "DARKROOM_KEY_FILE": str(key_file),
        "DARKROOM_ALLOW": "*",
        "TELEGRAM_TOKEN": api.token,
        "TELEGRAM_API_URL": api.url,
        "HEALTH_PORT": str(free_port()),
    }


@asynccontextmanager
async def running(nats: NatsServer, key_file: Path, api: BotApi, **more: str) -> AsyncGenerator[Running]:
    """The service, ready, while the block runs."""
    async with Running(main, environment(nats, key_file, api) | more) as service:
        await service.until_ready()
        yield service


@asynccontextmanager
async def process(
    nats: NatsServer, key_file: Path, api: BotApi, **more: str
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The service as a process, ready; killed at the end of the block if it was not before."""
    environ = environment(nats, key_file, api) | more
    async with service_process("ingress", "telegram", **environ) as started:
        await until_ready(environ)
        yield started
