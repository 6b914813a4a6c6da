"""What this process is at: each attempt once, and none that was cancelled."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from services.renderer.errors import AlreadyUnderwayError

_REMEMBERED = 4096


class Underway:
    """
    The attempts of this process, by prompt id.

    JetStream delivers a message again when heartbeats were lost for a moment: without this the second
    worker would submit what the first is about to submit.
    """

    def __init__(self) -> None:
        self._entered: set[UUID] = set()
        self._submitting: dict[UUID, asyncio.Lock] = {}
        self._cancelled: OrderedDict[UUID, None] = OrderedDict()
        self._delivered: OrderedDict[UUID, None] = OrderedDict()

    @contextmanager
    def entered(self, prompt_id: UUID) -> Generator[None]:
        """Be at an attempt while the block runs; raises ``AlreadyUnderwayError``."""
        if prompt_id in self._entered:
            raise AlreadyUnderwayError
        self._entered.add(prompt_id)
        try:
            yield
        finally:
            self._entered.discard(prompt_id)
            self._submitting.pop(prompt_id, None)

    def is_at(self, prompt_id: str) -> bool:
        """Whether this process is at the attempt that ComfyUI knows by *prompt_id*."""
        return any(str(entered) == prompt_id for entered in self._entered)

    def submitting(self, prompt_id: UUID) -> asyncio.Lock:
        """Held by an entered attempt while it decides to submit and does."""
        return self._submitting.setdefault(prompt_id, asyncio.Lock())

    async def cancel(self, prompt_id: UUID) -> None:
        """From here on this process does not submit it; a submission on its way is waited for."""
        _remember(self._cancelled, prompt_id)
        lock = self._submitting.get(prompt_id)
        if lock is not None:
            async with lock:
                return

    def is_cancelled(self, prompt_id: UUID) -> bool:
        """Whether it was cancelled."""
        return prompt_id in self._cancelled

    def delivered(self, prompt_id: UUID) -> None:
        """Its success was published: JetStream has it."""
        _remember(self._delivered, prompt_id)

    def is_delivered(self, prompt_id: UUID) -> bool:
        """Whether this process published its success."""
        return prompt_id in self._delivered


def _remember(ids: OrderedDict[UUID, None], new: UUID) -> None:
    ids[new] = None
    if len(ids) > _REMEMBERED:
        ids.popitem(last=False)
