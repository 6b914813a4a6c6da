"""Which updates are in hand, and how far Telegram may be told to forget. Pure."""

from __future__ import annotations

from collections.abc import Sequence


class Window:
    """The offset never passes an update that is not done with."""

    def __init__(self) -> None:
        self._in_hand: set[int] = set()
        # Done with, but Telegram still has them, behind one that is in hand.
        self._done: set[int] = set()
        self._next = 0

    @property
    def offset(self) -> int:
        """What to ask Telegram for: it forgets every update before this."""
        return min(self._in_hand, default=self._next)

    @property
    def is_clear(self) -> bool:
        """Nothing is in hand."""
        return not self._in_hand

    def admit(self, batch: Sequence[int]) -> set[int]:
        """Take the ids of a batch in hand; returns those that are new."""
        # After a quiet week Telegram goes on with any number, even a lower one: no comparing here.
        new = set(batch) - self._in_hand - self._done
        self._done &= set(batch)
        self._in_hand |= new
        if batch:
            self._next = batch[-1] + 1
        return new

    def finish(self, update_ids: Sequence[int]) -> None:
        """These are kept, answered, or passed over for good."""
        self._in_hand -= set(update_ids)
        self._done |= set(update_ids)
