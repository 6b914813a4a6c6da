"""A working orchestrator, and the command line beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.integration.cli.operator import Operator
from tests.integration.orchestrator.studio import Studio, open_studio
from tests.servers import NatsServer


@pytest.fixture
async def studio(postgres_url: str, nats: NatsServer) -> AsyncGenerator[Studio]:
    """An orchestrator that knows ``/f``, ``/qwen`` and a backend that can do both."""
    async with open_studio(postgres_url, nats.url) as opened:
        await opened.open_shop()
        yield opened


@pytest.fixture
def operator(studio: Studio, nats: NatsServer) -> Operator:
    """Whoever runs that deployment, with the permissions that NATS gives them."""
    return Operator(DATABASE_URL=studio.database_url, NATS_URL=nats.urls["cli"])
