"""Whether a position's own way leads to any backend at all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from services.common.canary.canary import Way


async def way_to_any(tries: Iterable[Coroutine[Any, Any, Way]]) -> Way:
    """
    Try every backend at once; the first that answers is enough.

    Args:
        tries: One for each backend: empty when it answered, else why it did not.

    Returns:
        Why none answers: ``no-backend`` if any try got as far as that, for then the tunnel is up.
    """
    trying = [asyncio.ensure_future(one) for one in tries]
    found: set[Way] = set()
    try:
        for one in asyncio.as_completed(trying):
            found.add(await one)
            if "" in found:
                return ""
    finally:
        for one in trying:
            one.cancel()
        await asyncio.gather(*trying, return_exceptions=True)
    return "no-backend" if "no-backend" in found else "tunnel-down"
