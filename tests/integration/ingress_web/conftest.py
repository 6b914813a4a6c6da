"""The web chat as it runs, on a NATS of its own, with an orchestrator that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.common.keys import Keyring, ensure_key_file, read_keyring
from tests.integration.ingress_web.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.own_nats import OwnNats
from tests.integration.ingress_web.running import Running
from tests.integration.ingress_web.visiting import Visit, Visiting


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
async def own_nats(tmp_path: Path) -> AsyncGenerator[OwnNats]:
    """NATS, running."""
    home = tmp_path / "nats"
    home.mkdir()
    server = OwnNats(home)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def orchestrator(own_nats: OwnNats, keyring: Keyring) -> AsyncGenerator[FakeOrchestrator]:
    """The other end."""
    fake = await FakeOrchestrator.start(own_nats.url, keyring)
    yield fake
    await fake.stop()


@pytest.fixture
async def web(own_nats: OwnNats, key_file: Path, orchestrator: FakeOrchestrator) -> AsyncGenerator[Running]:
    """The web chat, ready."""
    async with Running.started(own_nats.url, key_file) as running:
        await running.until_ready()
        yield running


@pytest.fixture
async def visiting(web: Running, keyring: Keyring) -> AsyncGenerator[Visiting]:
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
