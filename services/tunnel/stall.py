"""The end of an exchange that stands still."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self


class Party(Enum):
    """Whom the tunnel waits for."""

    BACKEND = "backend"
    CLIENT = "client"


class Stall:
    """
    Raises ``TimeoutError`` in the block when nothing has moved, either way, for *limit_s*.

    One clock for both directions: an upload keeps it going as well as a download, where aiohttp's own read
    timeout looks away while a body is being sent.
    """

    def __init__(self, limit_s: float) -> None:
        self.party = Party.BACKEND
        self._limit_s = limit_s
        self._timeout = asyncio.timeout(limit_s)

    def awaits(self, party: Party) -> None:
        """Something has moved; now it is *party*'s turn."""
        self.party = party
        # An upload's last chunk may come after the end, when the backend answered without waiting for it.
        with suppress(RuntimeError):
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._limit_s)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, error, trace)
