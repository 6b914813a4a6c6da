"""What the tunnel's canary tries."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.common.canary import guard as guard_module
from services.common.canary.guard import Guard, stand_guard
from services.tunnel.backends import Backend
from services.tunnel.canary.trying import escapes, way_through
from services.tunnel.errors import BackendNotPublishedError, TunnelDownError
from services.tunnel.upstream import Upstream
from services.tunnel.ways import direct_ways

HIDDEN = Backend(name="gpu", host=f"{56 * 'a'}.anon", port=80)
OFF = Backend(name="off", host="127.0.0.1", port=1)


class Failing:
    """Ways on which everything ends in *error*; it remembers for whom they were asked."""

    def __init__(self, error: Exception) -> None:
        self.chains: list[str] = []
        self._error = error

    @asynccontextmanager
    async def way(self, _backend: Backend, chain: str) -> AsyncGenerator[Upstream]:
        self.chains.append(chain)
        raise self._error
        yield


@pytest.fixture
def guard() -> Generator[Guard]:
    yield stand_guard([])
    guard_module._guards.clear()


@pytest.fixture
async def on() -> AsyncGenerator[Backend]:
    """A backend that answers."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/system_stats", answer)
    async with TestServer(app) as server:
        assert server.port is not None
        yield Backend(name="on", host="127.0.0.1", port=server.port)


async def test_one_answer_proves_the_way(on: Backend) -> None:
    """Of whichever backend; with none, the way may be well but nothing is proved."""
    async with direct_ways() as ways:
        assert "" == await way_through(ways, [OFF, on])
        assert "no-backend" == await way_through(ways, [OFF])


@pytest.mark.parametrize(
    ("error", "code"), [(TunnelDownError(), "tunnel-down"), (BackendNotPublishedError(), "no-backend")]
)
async def test_what_is_down_is_told_apart(error: Any, code: str) -> None:
    """The tunnel itself, or what is behind it; each try is on behalf of a chain of its own."""
    ways = Failing(error)

    assert code == await way_through(ways, [OFF, HIDDEN])
    assert 2 == len(set(ways.chains))


async def test_code_for_this_machine_does_not_lead_to_a_hidden_service(guard: Guard) -> None:
    """No name is asked for, and nothing leaves, to find that out; a backend here would be reached by it."""
    assert not await escapes([HIDDEN])
    assert (0, set()) == (guard.asked, guard.reached)


async def test_what_escapes_is_seen(on: Backend) -> None:
    """Its positive control: the same code does reach what it is for."""
    assert await escapes([HIDDEN, on])
