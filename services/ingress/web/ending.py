"""Work that has to make way when the service stops."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from services.ingress.web.problem import ProblemError

T = TypeVar("T")


async def before_stopping(work: Coroutine[Any, Any, T], stopping: asyncio.Event, *, grace_s: float) -> T:
    """
    Do *work*, unless the service stops.

    Args:
        work: Cancelled when it is not done in time.
        stopping: Set when the service is to stop.
        grace_s: How many seconds *work* still has then.

    Raises:
        ProblemError: It was not done, because the service stops (503).
    """
    doing = asyncio.ensure_future(work)
    ending = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            await asyncio.wait({doing}, timeout=grace_s)
        if not doing.done():
            raise ProblemError(503, "stopping")
        return await doing
    finally:
        ending.cancel()
        doing.cancel()
        # What it held is given back before its holder goes on; a failure was raised above.
        await asyncio.gather(doing, return_exceptions=True)
