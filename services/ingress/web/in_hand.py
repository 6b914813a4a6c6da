"""Messages that are being taken: the server has to stay until they are."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class InHand:
    """Counts what is held, and waits until nothing is."""

    def __init__(self) -> None:
        self._count = 0
        self._nothing = asyncio.Event()
        self._nothing.set()

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold one while the block runs."""
        self._count += 1
        self._nothing.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._nothing.set()

    async def finished(self, timeout_s: float) -> None:
        """Return as soon as nothing is held, at the latest after *timeout_s*."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._nothing.wait()
        except TimeoutError:
            return
