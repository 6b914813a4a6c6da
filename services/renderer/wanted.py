"""Asking whether an attempt is still wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from schemas.dispatch import RenderAttempt
from services.common.bus import BusDownError
from services.renderer.ending import end
from services.renderer.errors import CalledOffError
from services.renderer.facts import Facts
from services.renderer.underway import Underway

T = TypeVar("T")

_ASK_EVERY_S = 5.0
_ASK_FIRST_S = 0.5
"""It was asked just before, and who cancels looks twice: whatever slipped past both can wait so long."""


class Wanted:
    """
    Whether one attempt is still wanted: not cancelled, not given to another backend, not ended.

    Args:
        facts: Asks the orchestrator.
        underway: Knows what was cancelled in this process.
        order: The attempt.
    """

    def __init__(self, facts: Facts, underway: Underway, order: RenderAttempt) -> None:
        self._facts = facts
        self._underway = underway
        self._order = order

    async def is_so(self) -> bool:
        """Ask. Raises ``BusDownError``."""
        if self._underway.is_cancelled(self._order.prompt_id):
            return False
        return await self._facts.is_wanted(self._order.job_id, self._order.attempt)

    async def meanwhile(self, work: Coroutine[Any, Any, T]) -> T:
        """
        Do *work*, and ask soon and every few seconds until it is done. Without an answer it goes on.

        Raises:
            CalledOffError: Not wanted any more; *work* was cancelled where it stood.
        """
        working = asyncio.ensure_future(work)
        asking = asyncio.ensure_future(self._until_it_is_not())
        try:
            await asyncio.wait({working, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                asking.result()
                raise CalledOffError
            return working.result()
        finally:
            await end(working, asking)

    async def _until_it_is_not(self) -> None:
        await asyncio.sleep(_ASK_FIRST_S)
        while True:
            with suppress(BusDownError):
                if not await self._facts.is_wanted(self._order.job_id, self._order.attempt):
                    return
            await asyncio.sleep(_ASK_EVERY_S)
