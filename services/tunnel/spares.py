"""Circuits that are built before anybody wants them, so that a fresh chain need not wait for its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import ClientSession

from services.tunnel.errors import RefusedError, TunnelDownError, WayError
from services.tunnel.stall import Idle, Party, Stall
from services.tunnel.upstream import Upstream

_QUESTION = "/prompt"
"""How long the queue is: the smallest question there is, and the connection is kept for the next."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LOOK_EVERY_S = 5.0
_LATER_S = 1.5
"""After one was taken: the first requests of the chain that has it come first."""


@dataclass(frozen=True)
class _Spare:
    session: ClientSession
    made_at: float
    generation: int


class Spares:
    """
    One backend's.

    Args:
        origin: Of the backend.
        count: How many are held ready; two, for a backend has one job running and one staged.
        fresh_s: After so long one is replaced, while ``anon`` would still put new connections on it.
        patience_s: How long the backend may take to answer.
        generation: Of ``anon``'s life; what was built in another is not handed out.
        open_session: Makes one with an isolation of its own; raises ``TunnelDownError``.
    """

    def __init__(
        self,
        origin: str,
        *,
        count: int,
        fresh_s: float,
        patience_s: float,
        generation: Callable[[], int],
        open_session: Callable[[], ClientSession],
    ) -> None:
        self._origin = origin
        self._count = count
        self._fresh_s = fresh_s
        self._patience = Idle(answer_s=patience_s, body_s=patience_s)
        self._open_session = open_session
        self._generation = generation
        self._ready: deque[_Spare] = deque()
        self._taken = asyncio.Event()

    def take(self) -> ClientSession | None:
        """One that nobody else gets, if one is ready."""
        self._taken.set()
        spare = next((spare for spare in self._ready if self._is_fresh(spare)), None)
        if spare is None:
            return None
        self._ready.remove(spare)
        return spare.session

    async def run(self) -> None:
        """Hold spares ready until cancelled."""
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                self._taken.clear()
                await self._drop(all_of_them=False)
                if len(self._ready) >= self._count:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY_S):
                            await self._taken.wait()
                            await asyncio.sleep(_LATER_S)
                    continue
                try:
                    made = await self._make()
                except TunnelDownError:
                    await asyncio.sleep(_FIRST_PAUSE_S)
                    continue
                if made:
                    pause_s = _FIRST_PAUSE_S
                else:
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        finally:
            await self._drop(all_of_them=True)

    def _is_fresh(self, spare: _Spare) -> bool:
        age_s = asyncio.get_running_loop().time() - spare.made_at
        return age_s < self._fresh_s and spare.generation == self._generation()

    async def _drop(self, *, all_of_them: bool) -> None:
        for spare in [spare for spare in self._ready if all_of_them or not self._is_fresh(spare)]:
            self._ready.remove(spare)
            await spare.session.close()

    async def _make(self) -> bool:
        generation = self._generation()
        session = self._open_session()
        try:
            if await self._answers(session):
                now = asyncio.get_running_loop().time()
                self._ready.append(_Spare(session=session, made_at=now, generation=generation))
                return True
        except BaseException:
            await session.close()
            raise
        await session.close()
        return False

    async def _answers(self, session: ClientSession) -> bool:
        upstream = Upstream(session)
        stall = Stall(self._patience, uploads=False)
        with suppress(WayError, RefusedError, TimeoutError):
            async with stall, await upstream.send("GET", self._origin + _QUESTION, {}, None) as answer:
                while await upstream.read(answer):
                    stall.awaits(Party.BACKEND)
                return True
        return False
