"""How long a call to Telegram is tried that nobody would try again for us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.ingress.telegram.refusals import FloodError, TelegramDownError

T = TypeVar("T")

_TRIES = 5
_AGAIN_S = 1.0
_LONGEST_PAUSE_S = 30.0


async def persist(call: Callable[[], Awaitable[T]]) -> T:
    """
    Make *call*, a few times if Telegram does not answer.

    Raises:
        TelegramDownError: It did not in the end, or it wants a pause that is too long for anyone to wait.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except TelegramDownError as exc:
            pause_s = exc.retry_after_s if isinstance(exc, FloodError) else _AGAIN_S * attempt
            if attempt == _TRIES or pause_s > _LONGEST_PAUSE_S:
                raise
            await asyncio.sleep(pause_s)
            attempt += 1
