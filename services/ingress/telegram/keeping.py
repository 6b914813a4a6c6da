"""Storing what was heard, for as long as it takes; meanwhile the person knows that it takes longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.common.bus import BusDownError
from services.ingress.intent import Say
from services.ingress.telegram.hints import Hints
from services.ingress.telegram.incoming import Incoming
from services.ingress.telegram.outage import Outage

_AGAIN_S = (0.5, 1.0, 2.0)

Store = Callable[[], Awaitable[object]]
"""Stores something; raises ``BusDownError`` when it may not be stored, and can be called again then."""


class Keeping:
    """Tries until JetStream has it."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._outage = Outage()

    async def until_kept(self, store: Store, heard: Incoming, *, quietly: bool = False) -> None:
        """
        Call *store* until it succeeds.

        Args:
            store: What to do.
            heard: The message it is done for; its chat is told once per outage.
            quietly: Tell nobody.
        """
        tries = 0
        while True:
            try:
                await store()
            except BusDownError:
                if not quietly and self._outage.is_news_to(heard.chat.chat_id):
                    await self._hints.say(Say(code="nats-down-will-retry"), heard)
                await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])
                tries += 1
            else:
                self._outage.is_over()
                return
