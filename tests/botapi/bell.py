"""Lets tests wait for a state instead of a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rings whenever anything changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, predicate: Callable[[], T], *, timeout_s: float) -> T | None:
        """The predicate's first true value, or None once *timeout_s* seconds are over."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := predicate()):
                    await self._event.wait()
                return value
        except TimeoutError:
            return None
