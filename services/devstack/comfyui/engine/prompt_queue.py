"""The queue of prompts: a heap by number, with the quirks that a heap of tuples has."""

from __future__ import annotations

import asyncio
import copy
import heapq
from collections.abc import Callable

from .types import QueueItem


class PromptQueue:
    """
    Pending and running prompts.

    Args:
        changed: Called after every change; the server tells its sockets then.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._heap: list[QueueItem] = []
        self._running: dict[int, QueueItem] = {}
        self._tickets = 0
        self._wake = asyncio.Event()
        self._flags: dict[str, bool] = {}

    def put(self, item: QueueItem) -> None:
        """
        Queue *item*.

        Raises:
            TypeError: Number and prompt_id equal a pending item's. It is queued all the same, as on the
                real server: the heap appends first and compares then.
        """
        heapq.heappush(self._heap, item)
        self._changed()
        self._wake.set()

    async def waiting(self) -> None:
        """Return when there is something to take, or a flag was set."""
        if not self._heap and not self._flags:
            self._wake.clear()
            await self._wake.wait()

    def take(self) -> tuple[QueueItem, int] | None:
        """
        Move the first item to the running ones and give it with its ticket; None when none is pending.

        Raises:
            TypeError: Restoring the heap compared two dicts. The item is lost; the worker dies of it.
        """
        if not self._heap:
            return None
        item = heapq.heappop(self._heap)
        ticket = self._tickets
        self._running[ticket] = copy.deepcopy(item)
        self._tickets += 1
        self._changed()
        return item, ticket

    def finish(self, ticket: int) -> QueueItem:
        """Take a running item out. The caller writes its history and then calls `announce`."""
        return self._running.pop(ticket)

    def announce(self) -> None:
        """Tell that the queue has changed."""
        self._changed()

    def running(self) -> list[QueueItem]:
        """Running items: none or one."""
        return list(self._running.values())

    def pending(self) -> list[QueueItem]:
        """Pending items in heap order, which is not the order they run in."""
        return list(self._heap)

    def remaining(self) -> int:
        """Pending and running items."""
        return len(self._heap) + len(self._running)

    def clear(self) -> None:
        """Drop what is pending; nobody is told but by the queue's length."""
        self._heap = []
        self._changed()

    def delete(self, prompt_id: str) -> None:
        """Drop the first pending item called *prompt_id*, if any; a running one goes on."""
        for index, item in enumerate(self._heap):
            if item[1] == prompt_id:
                self._heap.pop(index)
                heapq.heapify(self._heap)
                self._changed()
                return

    def set_flag(self, name: str, value: bool) -> None:  # noqa: FBT001 - the value of a flag
        """Leave a wish (`unload_models`, `free_memory`) for the worker, which sees to it between prompts."""
        self._flags[name] = value
        self._wake.set()

    def take_flags(self) -> dict[str, bool]:
        """Wishes since the last call."""
        flags, self._flags = self._flags, {}
        return flags

    def forget(self) -> None:
        """Lose everything, as a restart does."""
        self._heap, self._running, self._flags = [], {}, {}
