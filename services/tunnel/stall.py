"""The end of an exchange that stands still."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

from msgspec import Struct


class Party(Enum):
    """Whom the tunnel waits for."""

    BACKEND = "backend"
    CLIENT = "client"


class Idle(Struct, frozen=True, kw_only=True):
    """
    How long an exchange may stand still, in seconds.

    Attributes:
        answer_s: Until the answer begins. A busy backend takes its time.
        upload_s: The same while a large body goes up: much of it lies in buffers on the way, out of sight.
        body_s: Between two pieces of the answer's body.
    """

    answer_s: float = 60.0
    upload_s: float = 60.0
    body_s: float = 60.0


class Stall:
    """
    Raises ``TimeoutError`` in the block when nothing has moved, either way, for a while.

    One clock for both directions: an upload keeps it going as well as a download, where aiohttp's own read
    timeout looks away while a body is being sent.
    """

    def __init__(self, idle: Idle, *, uploads: bool) -> None:
        self.party = Party.BACKEND
        self.limit_s = idle.upload_s if uploads else idle.answer_s
        self._body_s = idle.body_s
        self._timeout = asyncio.timeout(self.limit_s)

    def answered(self) -> None:
        """The answer has begun; from now on pieces of it are waited for."""
        self.limit_s = self._body_s

    def awaits(self, party: Party) -> None:
        """Something has moved; now it is *party*'s turn."""
        self.party = party
        # An upload's last chunk may come after the end, when the backend answered without waiting for it.
        with suppress(RuntimeError):
            self._timeout.reschedule(asyncio.get_running_loop().time() + self.limit_s)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, error, trace)
