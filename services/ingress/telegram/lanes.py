"""One after the other within a lane, in the order of asking; lanes side by side."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager


class Lanes:
    """Locks by key, which exist only while somebody holds or awaits one."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._users: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def turn(self, lane: Hashable) -> AsyncGenerator[None]:
        """Wait until it is our turn in *lane*, and hold it while the block runs."""
        lock = self._locks.setdefault(lane, asyncio.Lock())
        self._users[lane] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[lane] -= 1
            if not self._users[lane]:
                del self._users[lane], self._locks[lane]
