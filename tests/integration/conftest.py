"""Real Postgres and NATS for this level, and a deployment's key."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from services.common.keys import Keyring, ensure_key_file, read_keyring
from tests.servers import NatsServer, PostgresServer, nats_server, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Generator[PostgresServer]:
    """The session's Postgres."""
    with postgres_server() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncGenerator[str]:
    """A database without any schema, which is this test's alone."""
    url = await postgres.borrow_database()
    yield url
    await postgres.give_back(url)


@pytest.fixture
def nats() -> Generator[NatsServer]:
    """A NATS of this test's own."""
    with nats_server() as server:
        yield server


@pytest.fixture
def nats_url(nats: NatsServer) -> str:
    """NATS as a user that may do everything, under any connection name."""
    return nats.url


@pytest.fixture
def nats_urls(nats: NatsServer) -> dict[str, str]:
    """NATS by service, each with its own permissions; connect under the service's name."""
    return nats.urls


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
