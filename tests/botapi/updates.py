"""The queue of updates with getUpdates' offsets: what is handed out, and what counts as confirmed."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from tests.botapi.bell import Bell
from tests.botapi.refusal import RefusedError, ViolationError

UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # sent only if named
FUTURE_OFFSET = 10  # further ahead than this an offset is ignored, as the real queue does
FIRST_UPDATE_ID = 730_000_001


class UpdateQueue:
    """Updates in order; nothing leaves it but by confirmation."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self.pending: deque[dict[str, Any]] = deque()
        self.next_id = FIRST_UPDATE_ID
        self.confirmed_id = FIRST_UPDATE_ID - 1  # highest update a client has let go
        self._handed_out_id = FIRST_UPDATE_ID - 1
        self._allowed: set[str] = set()
        self._poll: asyncio.Future[None] | None = None
        self.added = asyncio.Event()  # for the webhook

    @property
    def polled(self) -> bool:
        """A client's long poll is waiting right now."""
        return self._poll is not None

    @property
    def allowed(self) -> list[str]:
        """The update types asked for by name; empty means the default set."""
        return sorted(self._allowed)

    def allow(self, types: list[str] | None) -> None:
        """Types to keep from now on; None leaves the setting, an empty list is the default set."""
        if types is not None:
            self._allowed = set(types)

    def add(self, kind: str, payload: dict[str, Any]) -> int:
        """Queue an update, or drop it if nobody asked for its kind. Returns its id, 0 if dropped."""
        if kind not in self._allowed if self._allowed else kind in UNASKED:
            return 0
        update_id = self.next_id
        self.next_id += 1
        self.pending.append({"update_id": update_id, kind: payload})
        self.added.set()
        self._bell.ring()
        if self._poll and not self._poll.done():
            self._poll.set_result(None)
        return update_id

    def confirm(self, offset: int) -> None:
        """Forget what *offset* confirms; a negative one keeps that many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.drop_first()
        elif offset <= self.next_id + FUTURE_OFFSET:
            unseen = [one for one in self.pending if self._handed_out_id < one["update_id"] < offset]
            if unseen:
                raise ViolationError(f"offset {offset} confirms updates that were never handed out")
            while self.pending and self.pending[0]["update_id"] < offset:
                self.drop_first()

    def drop_first(self) -> None:
        """The oldest update is done with."""
        self.confirmed_id = self.pending.popleft()["update_id"]
        self._bell.ring()

    def drop(self, update: dict[str, Any]) -> None:
        """*update* was taken; it may be gone already."""
        if self.pending and self.pending[0] is update:
            self.drop_first()

    def clear(self) -> None:
        """Drop everything that waits."""
        while self.pending:
            self.drop_first()

    def batch(self, limit: int) -> list[dict[str, Any]]:
        """The oldest updates; they stay queued."""
        batch = list(self.pending)[:limit]
        if batch:
            self._handed_out_id = max(self._handed_out_id, batch[-1]["update_id"])
        return batch

    async def wait(self, timeout_s: float) -> None:
        """Until an update comes, or the time is over, or another poll pushes this one out (409)."""
        self.push_out(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        if self.pending or not timeout_s:
            return
        poll = self._poll = asyncio.get_running_loop().create_future()
        self._bell.ring()
        try:
            await asyncio.wait_for(poll, timeout_s)
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
            self._bell.ring()

    def push_out(self, why: str) -> None:
        """End the poll that waits, if any."""
        if self._poll and not self._poll.done():
            self._poll.set_exception(RefusedError(why, code=409))
