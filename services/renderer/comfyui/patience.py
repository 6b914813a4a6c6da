"""Asking again while a backend is out of reach."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.renderer.errors import BackendDownError, TunnelDownError, UnexpectedAnswerError

T = TypeVar("T")

TROUBLE = (TunnelDownError, BackendDownError, UnexpectedAnswerError)
"""What may be better in a while."""

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0


async def until_answered(ask: Callable[[], Awaitable[T]], patience_s: float) -> T:
    """
    Call *ask*, which must be safe to repeat, until it answers.

    Raises:
        TunnelDownError, BackendDownError, UnexpectedAnswerError: Still in trouble after *patience_s*
            seconds; the last of them.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await ask()
        except TROUBLE:
            if loop.time() + pause_s > deadline:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
