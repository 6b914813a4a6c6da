"""What one entry looks like in its chat now, as far as this process knows."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from telegram import InlineKeyboardMarkup

from schemas.private import Address, MessageAddress
from schemas.replies import Status

_REMEMBERED = 4096


@dataclass(eq=False)
class Spot:
    """
    An entry in its chat; changed only while ``lock`` is held.

    Attributes:
        entry_id: The entry.
        lock: Held while it is looked at, sent, or edited.
        version: Newest version seen, -1 for none.
        ended_at: Version in which its last state was shown, -1 while it was not.
        is_known: It was looked up where it is shown.
        where: The message that shows it, if there is one.
        is_gone: That message was deleted: nothing but the last state is worth another one.
        status: Newest status.
        text: Newest text, without progress.
        progress: The line under the text, empty for none.
        keyboard: Newest buttons.
        drawn: Text as it was last sent, to leave out edits that change nothing.
    """

    entry_id: UUID
    chat: Address
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: int = -1
    ended_at: int = -1
    is_known: bool = False
    where: MessageAddress | None = None
    is_gone: bool = False
    status: Status = "queued"
    text: str = ""
    progress: str = ""
    keyboard: InlineKeyboardMarkup | None = None
    drawn: str = ""

    @property
    def full_text(self) -> str:
        """Text and progress."""
        return f"{self.text}\n{self.progress}" if self.progress else self.text


class Spots:
    """The spots of late; an older one is looked up again when it is needed."""

    def __init__(self) -> None:
        self._spots: OrderedDict[UUID, Spot] = OrderedDict()

    def get(self, entry_id: UUID) -> Spot | None:
        """The entry's spot, if this process has shown it of late."""
        return self._spots.get(entry_id)

    def of(self, entry_id: UUID, chat: Address) -> Spot:
        """The entry's spot, a new one if need be."""
        spot = self._spots.setdefault(entry_id, Spot(entry_id, chat))
        self._spots.move_to_end(entry_id)
        if len(self._spots) > _REMEMBERED:
            oldest = next(iter(self._spots.values()))
            if not oldest.lock.locked():
                del self._spots[oldest.entry_id]
        return spot
