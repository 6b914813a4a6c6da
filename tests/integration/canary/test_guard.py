"""What is asked of the resolver and connected to is noted, and nothing of it kept."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import suppress

import pytest
import uvloop

from services.common.canary import guard as guard_module
from services.common.canary.guard import Guard, on_purpose, stand_guard
from services.common.canary.resolver import NameRefusedError, OnlyNames
from services.common.loop import WatchedLoop

NOWHERE = "backend.invalid"


@pytest.fixture
def guard() -> Generator[Guard]:
    yield stand_guard(["Nats.", "tunnel"])
    guard_module._guards.clear()


@pytest.mark.parametrize("name", ["", "localhost", "NATS", "nats.", "tunnel", "127.0.0.1", "::1", "10.0.0.1"])
def test_what_may_be_asked_for(name: str, guard: Guard) -> None:
    """Names of what this process is told to use, and whatever is no name."""
    guard.note_name(name)

    assert 0 == guard.asked


def test_any_other_name_counts(guard: Guard) -> None:
    """Through Python's own resolver, as text or bytes, in whichever thread."""
    for ask in (socket.getaddrinfo, lambda name, _: socket.gethostbyname(name)):
        with suppress(OSError):
            ask(NOWHERE, 80)
    guard.note_name(NOWHERE.encode())

    assert 3 == guard.asked
    assert NOWHERE not in str(vars(guard))


def test_uvloop_counts_too(guard: Guard) -> None:
    """It asks the system below Python, where there are no audit events."""

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            await loop.getaddrinfo(NOWHERE, 80)
        with suppress(OSError):
            await asyncio.open_connection(NOWHERE, 80)

    uvloop.run(ask(), loop_factory=WatchedLoop)

    assert 2 == guard.asked


def test_where_told_names_lead_is_told(guard: Guard) -> None:
    """So a connection to them is none that leads elsewhere; one to a bare address vouches for nothing."""

    async def connect() -> int:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert set() == guard.told
        _, writer = await asyncio.open_connection("localhost", port)
        writer.close()
        server.close()
        return port

    assert ("127.0.0.1", uvloop.run(connect(), loop_factory=WatchedLoop)) in guard.told


def test_what_is_connected_to_is_noted(guard: Guard) -> None:
    """Also what is over before anybody looks; not what is on this machine, nor what is meant to fail."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, suppress(OSError):
        sender.connect(("192.0.2.1", 9))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", 9))
        with on_purpose(), suppress(OSError):
            sender.connect(("192.0.2.2", 9))

    assert {("192.0.2.1", 9)} == guard.reached


async def test_aiohttp_is_refused_other_names(guard: Guard) -> None:
    """Nobody is asked for them."""
    resolver = OnlyNames(["tunnel"])
    with pytest.raises(NameRefusedError):
        await resolver.resolve(NOWHERE, 80)

    assert 0 == guard.asked
    assert "127.0.0.1" in {found["host"] for found in await resolver.resolve("localhost", 80)}
    await resolver.close()
