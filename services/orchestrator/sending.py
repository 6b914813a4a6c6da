"""Many messages on their way at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable

import structlog

from services.common.errors import RejectedError


async def all_sent(sendings: Iterable[Awaitable[None]]) -> None:
    """
    Wait for all of *sendings*.

    One message that can never be sent is told of and passed over.

    Raises:
        Exception: What any other failure raised, once all are done: what was sent may be sent again.
    """
    results = await asyncio.gather(*sendings, return_exceptions=True)
    failures = [result for result in results if result is not None]
    for failure in failures:
        if not isinstance(failure, RejectedError):
            raise failure
    for failure in failures:
        structlog.get_logger().error("not sent", reason=str(failure))
