"""The web chat as it runs, on a NATS of its own, with an orchestrator that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.common.keys import Keyring
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat, serving
from tests.integration.ingress_web.visiting import Visit, Visiting
from tests.servers import NatsServer


@pytest.fixture
async def orchestrator(nats: NatsServer, keyring: Keyring) -> AsyncGenerator[FakeOrchestrator]:
    """The other end."""
    fake = await FakeOrchestrator.start(nats.url, keyring, "web")
    yield fake
    await fake.stop()


@pytest.fixture
async def web(nats: NatsServer, key_file: Path, orchestrator: FakeOrchestrator) -> AsyncGenerator[WebChat]:
    """The web chat, ready."""
    async with serving(nats, key_file) as running:
        await running.until_ready()
        yield running


@pytest.fixture
async def visiting(web: WebChat, keyring: Keyring) -> AsyncGenerator[Visiting]:
    """Makes browsers that have opened the page."""
    async with AsyncExitStack() as stack:

        async def visit() -> Visit:
            visit = Visit(web.url, keyring)
            stack.push_async_callback(visit.http.close)
            assert (await visit.get("/")).status == 200
            return visit

        yield visit


@pytest.fixture
async def visit(visiting: Visiting) -> Visit:
    """One browser that has opened the page."""
    return await visiting()
