"""Telegram's flood rule, roughly: about one message a second in one chat."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from tests.botapi.refusal import too_many_requests


class FloodRule:
    """Counts what a person would notice: messages sent and edited, per chat."""

    def __init__(self, *, per_chat_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_chat_s = per_chat_s
        self._clock = clock
        self._next: dict[Any, float] = {}

    def check(self, method: str, chat_id: int | str | None) -> None:
        """Pass, or refuse with 429. A refused call does not push the next allowed moment away."""
        if not self._per_chat_s or not method.startswith(("send", "edit")) or method == "sendChatAction":
            return
        now = self._clock()
        wait_s = self._next.get(chat_id, now) - now
        if wait_s > 0:
            raise too_many_requests(math.ceil(wait_s))
        self._next[chat_id] = now + self._per_chat_s
