"""Private networks for this folder, and hosts on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import aiohttp
import pytest

from tests.anonnet.fixtures import anon_network, network, session_folder, tor_network
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel_anon.hosts import Host, Key, hosted, new_key

__all__ = ["anon_network", "network", "session_folder", "tor_network"]


@pytest.fixture(scope="module")
def host(network: SharedNetwork, tmp_path_factory: pytest.TempPathFactory) -> Generator[Host]:
    """A host that lets in everybody."""
    with hosted(network, tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture(scope="module")
def key() -> Key:
    """The key of the one whom ``closed_host`` lets in."""
    return new_key()


@pytest.fixture(scope="module")
def closed_host(
    network: SharedNetwork, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Host]:
    """A host that lets in nobody else."""
    with hosted(network, tmp_path_factory.mktemp("closed"), key) as host:
        yield host


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh ``DARKROOM_HOME``."""
    return tmp_path / "home"


@pytest.fixture
async def client() -> AsyncGenerator[aiohttp.ClientSession]:
    """A plain HTTP client without a deadline of its own beyond the test's."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        yield session
