"""How fast a chat may be written to: not faster than Telegram and people like, and pauses it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

from services.ingress.telegram.refusals import FloodError, TelegramDownError

PRIVATE_S = 1.0
GROUP_S = 3.0  # twenty messages a minute are allowed there
_DOWN_S = 2.0
_PATIENCE_S = 10.0

Draw = Callable[[UUID], Awaitable[None]]
"""Draws the newest state of an entry."""


class Pace:
    """
    Keeps one lane per chat.

    What can wait (a status, progress) is only marked, and drawn when the chat's turn has come: of several
    states only the newest is. What can't wait passes at once, unless Telegram has asked for a pause.
    """

    def __init__(self, draw: Draw, *, patience_s: float = _PATIENCE_S) -> None:
        self._draw = draw
        self._patience_s = patience_s
        self._marked: dict[int, dict[UUID, None]] = {}
        self._not_before: dict[int, float] = {}
        self._pause_until: dict[int, float] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Draw what is marked until *stopping*; what is still marked then comes again as a newer state."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await stopping.wait()
            self._group = None
            for chat_id in list(self._marked):
                self._marked[chat_id].clear()

    def mark(self, chat_id: int, entry_id: UUID) -> None:
        """Have the entry drawn when its chat's turn has come."""
        if self._group is None:
            return
        lane = self._marked.get(chat_id)
        if lane is None:
            lane = self._marked[chat_id] = {}
            self._group.create_task(self._draw_lane(chat_id, lane))
        lane[entry_id] = None

    def pause(self, chat_id: int, seconds: float) -> None:
        """Telegram wants nothing for this chat for so long."""
        until = monotonic() + seconds
        self._pause_until[chat_id] = max(until, self._pause_until.get(chat_id, 0.0))

    async def admitted(self, chat_id: int) -> None:
        """
        Wait for the end of a pause, and count as written.

        Raises:
            FloodError: The pause is long: come again later.
        """
        left_s = self._pause_until.get(chat_id, 0.0) - monotonic()
        if left_s > 0:
            await asyncio.sleep(min(left_s, self._patience_s))
        if left_s > self._patience_s:
            raise FloodError(left_s - self._patience_s)
        self._pause_until.pop(chat_id, None)
        self._not_before[chat_id] = monotonic() + interval_s(chat_id)

    async def _draw_lane(self, chat_id: int, lane: dict[UUID, None]) -> None:
        while lane:
            ready_at = max(self._not_before.get(chat_id, 0.0), self._pause_until.get(chat_id, 0.0))
            if (wait_s := ready_at - monotonic()) > 0:
                await asyncio.sleep(min(wait_s, 0.25))
                continue
            entry_id = next(iter(lane))
            del lane[entry_id]
            self._not_before[chat_id] = monotonic() + interval_s(chat_id)
            try:
                await self._draw(entry_id)
            except TelegramDownError as exc:
                self.pause(chat_id, exc.retry_after_s if isinstance(exc, FloodError) else _DOWN_S)
                if self._group is not None:
                    lane[entry_id] = None
        del self._marked[chat_id]
        self._forget()

    def _forget(self) -> None:
        now = monotonic()
        for kept in (self._not_before, self._pause_until):
            for other in [other for other, at in kept.items() if at < now]:
                del kept[other]


def interval_s(chat_id: int) -> float:
    """Seconds between two messages that can wait; groups have negative ids."""
    return PRIVATE_S if chat_id > 0 else GROUP_S
