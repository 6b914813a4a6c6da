"""One position's canary: checks at start and on a timer, and at once when something about the way changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import structlog
from msgspec import Struct

from schemas.egress import Mode, Position
from schemas.facts import EgressChecked
from services.common.canary import metrics
from services.common.canary.attempts import held_open, open_ways
from services.common.canary.guard import Guard
from services.common.canary.own_sockets import own_nameservers, own_sockets
from services.common.canary.proc_net import Endpoint, led_to
from services.common.canary.verdict import Judgement, Observation, elsewhere, judge
from services.common.run import until

Way = Literal["", "tunnel-down", "no-backend"]
"""Why nothing gets through; empty when something does."""

_AGAIN_S = 5.0
_GLANCE_S = 0.5


class Post(Struct, frozen=True, kw_only=True):
    """
    Where a canary sits, and what it looks at.

    Attributes:
        position: Which it is.
        mode: The way that is to be used.
        way: Sends something small by that way, and says why nothing got through.
        door: Where that way begins, as host and port: a connection there is what the observer has to see.
        told: Where else this process is told to go, in literal addresses.
        escapes: Whether its own code for this machine's backends would lead elsewhere.
        moment: Another value when something about the way has changed, so that it is checked at once.
        outside: Addresses that must not be reachable from here.
        interval_s: Between two checks.
    """

    position: Position
    mode: Mode
    way: Callable[[], Awaitable[Way]]
    door: Callable[[], tuple[str, int] | None]
    told: Callable[[], set[Endpoint]]
    escapes: Callable[[], Awaitable[bool]]
    moment: Callable[[], object]
    outside: tuple[Endpoint, ...]
    interval_s: float


class Canary:
    """
    Checks its own process.

    Args:
        post: What it looks at.
        process: Id of this process.
        guard: Of this process.

    Attributes:
        found: What the last check came to; nothing before the first.
        news: Set with each check; whoever tells of it clears it.
    """

    def __init__(self, post: Post, process: UUID, guard: Guard) -> None:
        self.found: EgressChecked | None = None
        self.news = asyncio.Event()
        self._post = post
        self._process = process
        self._guard = guard

    async def run(self, stopping: asyncio.Event) -> None:
        """Check until *stopping*."""
        loop = asyncio.get_running_loop()
        while not stopping.is_set():
            moment = self._post.moment()
            found = await self.check()
            rest_s = self._post.interval_s
            if found.verdict != "verified":
                rest_s = min(rest_s, _AGAIN_S)
            due = loop.time() + rest_s
            while loop.time() < due and self._post.moment() == moment:
                if await until(stopping, min(_GLANCE_S, max(0.0, due - loop.time()))):
                    return

    async def check(self) -> EgressChecked:
        """Check once."""
        post = self._post
        judged = judge(await self._seen())
        found = EgressChecked(
            process=self._process,
            position=post.position,
            mode=post.mode,
            verdict=judged.verdict,
            code=judged.code,
            details=judged.details,
            at=datetime.now(UTC),
            interval_s=post.interval_s,
        )
        self._log(judged)
        metrics.note(found)
        self.found = found
        self.news.set()
        return found

    async def leaks(self) -> str:
        """For ``/readyz``: what leaks, empty when nothing was seen to."""
        found = self.found
        return f"leaked ({found.code})" if found is not None and found.verdict == "leaked" else ""

    async def doubt(self) -> str:
        """For ``/readyz``: why nothing is proved, empty when all is."""
        if self.found is None:
            return "not checked yet"
        unproved = self.found.verdict == "inconclusive"
        return f"inconclusive ({self.found.code})" if unproved else ""

    async def _seen(self) -> Observation:
        post = self._post
        way = await post.way()
        escapes = await post.escapes()
        sees, connections = await self._connections()
        reached, self._guard.reached = self._guard.reached, set()
        asked, self._guard.asked = self._guard.asked, 0
        told = post.told() | self._guard.told
        if any(name != "localhost" for name in self._guard.names):
            told |= own_nameservers()
        direct = await open_ways(post.outside)
        if escapes:
            direct = (*direct, 0)
        return Observation(
            mode=post.mode,
            way=way,
            sees=sees,
            open_ways=direct,
            outside=elsewhere(connections | reached, told),
            names=asked,
        )

    async def _connections(self) -> tuple[bool, set[Endpoint]]:
        """Whether the observer saw what it had to, and where this process's connections lead."""
        door = self._post.door()
        if door is None:
            return False, await self._looked()
        async with held_open(*door) as ends:
            if ends is None:
                return False, await self._looked()
            try:
                rows = await asyncio.to_thread(own_sockets)
            except (OSError, ValueError):
                return False, set()
        return ends in {(row.local, row.remote) for row in rows}, led_to(rows)

    async def _looked(self) -> set[Endpoint]:
        try:
            return led_to(await asyncio.to_thread(own_sockets))
        except (OSError, ValueError):
            return set()

    def _log(self, judged: Judgement) -> None:
        before = self.found
        if before is not None and (before.verdict, before.code) == (judged.verdict, judged.code):
            return
        logger = structlog.get_logger()
        say = logger.error if judged.verdict == "leaked" else logger.info
        say(
            "egress",
            position=self._post.position,
            mode=self._post.mode,
            verdict=judged.verdict,
            code=judged.code,
            **judged.details,
        )
