"""Long polling: an update is let go only once it is safe; chats don't wait for one another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import structlog
from telegram import Update

from services.common.run import until
from services.ingress.telegram.account import Account
from services.ingress.telegram.albums import Albums
from services.ingress.telegram.incoming import Incoming, read_update
from services.ingress.telegram.lanes import Lanes
from services.ingress.telegram.refusals import FloodError, TelegramDownError
from services.ingress.telegram.window import Window

_WAIT_S = 25
_LOOK_AGAIN_S = 0.3  # while something is in hand Telegram answers at once, with what we know already
_DRAIN_S = 5.0
_AGAIN_S = (0.5, 1.0, 2.0, 5.0)
_SILENT_S = 60.0

Take = Callable[[tuple[Incoming, ...]], Awaitable[None]]
"""Handles a message, or all messages of an album; when it returns they are kept, or need not be."""


class Polling:
    """Fetches updates and has each handled once: in order within a chat, side by side across chats."""

    def __init__(self, account: Account, take: Take) -> None:
        self._account = account
        self._take = take
        self._window = Window()
        self._albums = Albums()
        self._lanes = Lanes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = monotonic()

    async def check(self) -> str:
        """For ``/readyz``: empty while the Bot API answers, else what is missing."""
        silent_s = monotonic() - self._heard_at
        return "" if silent_s < _SILENT_S else f"the Bot API has not answered for {silent_s:.0f} s"

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until *stopping*; what is in hand then is finished, or left to be fetched again."""
        failures = 0
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                try:
                    self._start(group, await self._fetch(stopping))
                    failures = 0
                except TelegramDownError as exc:
                    pause_s = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
                    if isinstance(exc, FloodError):
                        pause_s = exc.retry_after_s
                    structlog.get_logger().warning("polling waits", code=exc.code, reason=str(exc))
                    failures += 1
                    await until(stopping, pause_s)
                if self._tasks and not stopping.is_set():
                    await asyncio.wait(self._tasks, timeout=_LOOK_AGAIN_S)
            await self._drain()

    async def _fetch(self, stopping: asyncio.Event) -> tuple[Update, ...]:
        """The next updates, or none when the service is to stop."""
        wait_s = _WAIT_S if self._window.is_clear else 0
        polling = asyncio.ensure_future(self._account.updates(self._window.offset, wait_s=wait_s))
        ending = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({polling, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not polling.done():
                return ()
            self._heard_at = monotonic()
            return polling.result()
        finally:
            ending.cancel()
            polling.cancel()

    def _start(self, group: asyncio.TaskGroup, updates: tuple[Update, ...]) -> None:
        new = self._window.admit([update.update_id for update in updates])
        for update in updates:
            if update.update_id not in new:
                continue
            heard = read_update(update, self._account.bot_id)
            if heard is None:
                self._window.finish([update.update_id])
            elif not heard.album or self._albums.add(heard):
                task = group.create_task(self._handle(heard))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _handle(self, first: Incoming) -> None:
        async with self._lanes.turn(first.chat.chat_id):
            parts = await self._albums.collected(first.album) if first.album else (first,)
            await self._take(parts)
            self._window.finish([part.update_id for part in parts])

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_DRAIN_S)
        for task in self._tasks:
            task.cancel()
        # Tells Telegram what is done with, so that the next process does not begin with it.
        with suppress(TelegramDownError, TimeoutError):
            await asyncio.wait_for(self._account.updates(self._window.offset, wait_s=0), _DRAIN_S)
