"""Sentences that answer a message without the orchestrator: said once, and not for ever."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from schemas.private import MessageAddress
from services.common.bus import BusDownError
from services.common.errors import RejectedError
from services.common.seal import UnsealError
from services.ingress.intent import Say
from services.ingress.telegram.account import Account
from services.ingress.telegram.incoming import Incoming
from services.ingress.telegram.patience import persist
from services.ingress.telegram.places import Places
from services.ingress.telegram.refusals import TelegramDownError
from services.ingress.texts import sentence

_PRESS_S = 10.0
"""After so long nobody looks at a button's clock any more, and what they say next would wait behind it."""


class Hints:
    """Says hints; nothing depends on them, so one that can't be said is dropped."""

    def __init__(self, account: Account, places: Places) -> None:
        self._account = account
        self._places = places

    async def say_once(self, hint: Say, to: Incoming, entry_id: UUID) -> None:
        """Answer a message, unless an earlier process did and was stopped before letting the update go."""
        try:
            if await self._places.find(entry_id) is not None:
                return
        except (BusDownError, UnsealError):
            pass  # a hint said twice is better than none
        where = await self.say(hint, to)
        if where is not None:
            try:
                await self._places.put(entry_id, where)
            except BusDownError:
                structlog.get_logger().warning("hint not noted", entry=str(entry_id))

    async def say(self, hint: Say, to: Incoming) -> MessageAddress | None:
        """Answer a message; nothing is returned when that could not be done."""
        text = sentence(hint.code, hint.details)
        try:
            return await persist(lambda: self._account.say(to.chat, text, reply_to=to.address))
        except (TelegramDownError, RejectedError) as exc:
            structlog.get_logger().warning("hint dropped", hint=hint.code, code=exc.code)
            return None

    async def answer_press(self, query_id: str, hint: Say | None) -> None:
        """Stop the clock on a pressed button, with a few words if there are any; tried for a short while."""
        text = sentence(hint.code, hint.details) if hint else ""
        try:
            async with asyncio.timeout(_PRESS_S):
                await persist(lambda: self._account.answer_press(query_id, text))
        except TimeoutError:
            structlog.get_logger().info("press not answered", code="timeout")
        except (TelegramDownError, RejectedError) as exc:
            # Mostly it is too old, which no one can see any more.
            structlog.get_logger().info("press not answered", code=exc.code)
