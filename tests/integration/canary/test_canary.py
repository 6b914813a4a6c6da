"""A canary in its own process: what it sees, and what it says of that."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from schemas.facts import EgressChecked
from services.common.canary import canary as canary_module
from services.common.canary import guard as guard_module
from services.common.canary.attempts import held_open, open_ways
from services.common.canary.canary import Canary, Post, Way
from services.common.canary.guard import stand_guard
from services.common.canary.own_sockets import own_sockets
from services.common.canary.proc_net import led_to
from tests.servers import eventually

ELSEWHERE = ("192.0.2.1", 9)  # set aside for documentation: nobody is there


@pytest.fixture
async def door() -> AsyncGenerator[tuple[str, int]]:
    """Where something listens on this machine."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()


Make = Callable[..., Canary]


@pytest.fixture
def make(door: tuple[str, int]) -> Make:
    """Makes a canary at a post where all is well, unless told otherwise."""

    async def way() -> Way:
        return ""

    async def never() -> bool:
        return False

    def make(**changed: Any) -> Canary:
        well: dict[str, Any] = {"position": "tunnel", "mode": "anon", "way": way, "door": lambda: door}
        well |= {"told": set, "escapes": never, "moment": lambda: None, "outside": (), "interval_s": 60.0}
        post = Post(**{**well, **changed})
        return Canary(post, uuid4(), stand_guard([]))

    return make


@pytest.fixture(autouse=True)
def _no_guard_is_left() -> Any:
    yield
    guard_module._guards.clear()


def of(found: EgressChecked) -> tuple[str, str]:
    return found.verdict, found.code


async def test_all_is_well(make: Make) -> None:
    """And /readyz says nothing."""
    canary = make()

    assert "not checked yet" == await canary.doubt()
    assert ("verified", "verified") == of(await canary.check())
    assert ("", "") == (await canary.leaks(), await canary.doubt())


async def test_the_observer_has_to_see_what_is_there(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that sees no sockets at all, or can't look, proves nothing."""
    for blind in (list, lambda: (_ for _ in ()).throw(PermissionError())):
        monkeypatch.setattr(canary_module, "own_sockets", blind)
        canary = make()
        assert ("inconclusive", "observer-blind") == of(await canary.check())
        assert "inconclusive (observer-blind)" == await canary.doubt()
    assert ("inconclusive", "observer-blind") == of(await make(door=lambda: None).check())


async def test_a_way_that_is_down_is_told(make: Make) -> None:
    """As the way's own word for it."""

    async def down() -> Way:
        return "tunnel-down"

    assert ("inconclusive", "tunnel-down") == of(await make(way=down, door=lambda: None).check())


async def test_a_connection_that_leads_elsewhere_is_seen(make: Make) -> None:
    """While it is open, by the observer; one to where this process is told to go is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as astray:
        try:
            astray.connect(ELSEWHERE)
        except OSError:
            pytest.skip("*** NOT TESTED: this machine has no way out at all")
        canary = make()
        found = await canary.check()
        assert ("leaked", "socket-outside", {"ports": "9"}) == (*of(found), found.details)
        assert "leaked (socket-outside)" == await canary.leaks()
        assert ("verified", "verified") == of(await make(told=lambda: {ELSEWHERE}).check())


async def test_a_connection_that_was_over_is_told_as_well(make: Make) -> None:
    """It was noted when it was made; and only once."""
    canary = make()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as astray, suppress(OSError):
        astray.connect(ELSEWHERE)

    assert ("leaked", "socket-outside") == of(await canary.check())
    assert ("verified", "verified") == of(await canary.check())


async def test_an_open_way_is_found(make: Make, door: tuple[str, int]) -> None:
    """An address that must not be reachable, and is; or the process's own code getting out."""

    async def escapes() -> bool:
        return True

    assert ("leaked", "direct-way-open") == of(await make(outside=(door[:2],)).check())
    assert ("leaked", "direct-way-open") == of(await make(escapes=escapes).check())


async def test_attempts_at_closed_ways_leave_nothing_behind(make: Make) -> None:
    """They fail, in time, and are not taken for leaks themselves."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()
        canary = make(outside=(nobody, ELSEWHERE))

        assert () == await open_ways((nobody, ELSEWHERE), timeout_s=0.2)
        assert ("verified", "verified") == of(await canary.check())


async def test_a_name_that_is_asked_for_is_a_leak(make: Make) -> None:
    """Whoever in this process asked."""
    canary = make()
    with suppress(OSError):
        await asyncio.get_running_loop().getaddrinfo("backend.invalid", 80)

    assert ("leaked", "dns-asked") == of(await canary.check())


async def test_a_change_is_checked_at_once(make: Make) -> None:
    """Without waiting for the timer."""
    moments = [0]
    canary, stopping = make(moment=lambda: moments[0], interval_s=3600.0), asyncio.Event()
    running = asyncio.ensure_future(canary.run(stopping))

    async def checked() -> bool:
        return canary.found is not None

    await eventually(checked)
    first = canary.found
    moments[0] = 1

    async def checked_again() -> bool:
        return canary.found is not first

    await eventually(checked_again)
    stopping.set()
    await running


async def test_own_sockets_are_this_process_s_own(door: tuple[str, int], tmp_path: Path) -> None:
    """What it opened leads somewhere; what was opened to it doesn't; of an empty /proc there is no answer."""
    async with held_open(*door[:2]) as ends:
        assert ends is not None
        rows = own_sockets()

    assert ends in {(row.local, row.remote) for row in rows}
    assert ends[1] in led_to(rows)
    assert ends[0] not in led_to(rows)
    with pytest.raises(OSError, match="fd"):
        own_sockets(tmp_path)
