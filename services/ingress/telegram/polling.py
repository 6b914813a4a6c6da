"""Long polling: an update is let go only once it is safe."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from telegram import Update

from services.common.run import until
from services.ingress.telegram.account import Account
from services.ingress.telegram.desk import Desk
from services.ingress.telegram.refusals import FloodError, TelegramDownError
from services.ingress.telegram.silence import Silence
from services.ingress.telegram.window import Window

_WAIT_S = 25
_LOOK_AGAIN_S = 0.3  # while something is in hand Telegram answers at once, with what we know already
_GOODBYE_S = 5.0
_AGAIN_S = (0.5, 1.0, 2.0, 5.0)


class Polling:
    """Fetches updates, has each handled once, and tells Telegram how far it may forget them."""

    def __init__(self, account: Account, desk: Desk) -> None:
        self._account = account
        self._desk = desk
        self._window = Window()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._silence = Silence()
        self.check = self._silence.check

    async def announce(self) -> None:
        """Have Telegram keep updates for us to fetch, and not post them anywhere."""
        await self._account.delete_webhook()

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until *stopping*; what is in hand then is finished, or left to be fetched again."""
        failures = 0
        async with self._desk.open():
            while not stopping.is_set():
                try:
                    self._begin(await self._fetch(stopping))
                    failures = 0
                except TelegramDownError as exc:
                    pause_s = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
                    if isinstance(exc, FloodError):
                        pause_s = exc.retry_after_s
                    structlog.get_logger().warning("polling waits", code=exc.code, reason=str(exc))
                    failures += 1
                    await until(stopping, pause_s)
                if self._in_hand and not stopping.is_set():
                    await asyncio.wait(self._in_hand, timeout=_LOOK_AGAIN_S)
        # Tells Telegram what is done with, so that the next process does not begin with it.
        with suppress(TelegramDownError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._account.updates(self._window.offset, wait_s=0)

    async def _fetch(self, stopping: asyncio.Event) -> tuple[Update, ...]:
        """The next updates, or none when the service is to stop."""
        wait_s = _WAIT_S if self._window.is_clear else 0
        polling = asyncio.ensure_future(self._account.updates(self._window.offset, wait_s=wait_s))
        ending = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({polling, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not polling.done():
                return ()
            self._silence.is_broken()
            return polling.result()
        finally:
            ending.cancel()
            polling.cancel()

    def _begin(self, updates: tuple[Update, ...]) -> None:
        new = self._window.admit([update.update_id for update in updates])
        for update in updates:
            if update.update_id in new:
                self._begin_one(update)

    def _begin_one(self, update: Update) -> None:
        task = self._desk.begin(update)
        if task is None:
            self._window.finish([update.update_id])
            return

        def let_go(task: asyncio.Task[None]) -> None:
            self._in_hand.discard(task)
            if not task.cancelled() and task.exception() is None:
                self._window.finish([update.update_id])

        self._in_hand.add(task)
        task.add_done_callback(let_go)
