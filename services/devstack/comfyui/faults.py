"""Faults that tests can make. All are off until set; nothing here is reachable unless asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct

_POLL_S = 0.02


class Faults(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    What goes wrong, read at each use, so that setting a field works at once.

    Fields that count (`lost_replies`, `failing_replies`, `out_of_memory_runs`) go down by one per use.
    """

    lost_replies: int = 0  # POST /prompt is queued, then the connection drops
    failing_replies: int = 0  # POST /prompt is queued, yet answers 500
    out_of_memory_runs: int = 0  # the next sampler fails as a full GPU does
    silent: bool = False  # sockets open and stay open, and never get an event
    wedged: bool = False  # everything answers 200 and nothing runs
    history_lost: bool = False  # finished prompts leave no history
    hang_before_step: int | None = None  # sampling stands still before this step (from 1), deaf to /interrupt
    view_bytes_per_s: int | None = None  # /view no faster than this
    view_cut_after_bytes: int | None = None  # /view drops the connection after so many bytes

    async def over(self, stands: Callable[[Faults], bool]) -> None:
        """Return when *stands* is no longer true of these faults."""
        while stands(self):  # noqa: ASYNC110 - fields are set plainly, so nobody can be told
            await asyncio.sleep(_POLL_S)

    def spend(self, field: str) -> bool:
        """Take one from a counting *field*; False when it is used up."""
        left: int = getattr(self, field)
        if left <= 0:
            return False
        setattr(self, field, left - 1)
        return True
