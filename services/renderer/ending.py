"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_S = 0.5


async def end(*tasks: asyncio.Future[Any]) -> None:
    """
    Cancel *tasks* and wait until they are over; what they raise is nobody's business any more.

    Cancelling once may not be enough: until Python 3.12 ``asyncio.wait_for``, which libraries use, loses a
    cancellation that comes together with what was waited for.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        over, left = await asyncio.wait(left, timeout=_AGAIN_S)
        for task in over:
            if not task.cancelled():
                task.exception()
