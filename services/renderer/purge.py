"""
Taking ended prompts out of ComfyUI's history, for they hold the person's words; and where the tunnel's host
role is beside it, deleting their files as well.

When is that safe? The history is also what tells a second delivery of an attempt that it was rendered
already. The message of an attempt is acknowledged only after its fact is in JetStream, and either
acknowledgement can be lost. So a prompt is purged only once the orchestrator says that the attempt is
no longer wanted: then the outcome is in its log, and whoever is handed the attempt again asks first
and stops there. Until then the history stays, and a second delivery finds the pictures in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from msgspec import Struct

from services.common.errors import RetryableError
from services.common.run import until
from services.renderer.comfyui.answers import HostPurge
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.stopping import stopped
from services.renderer.facts import Facts, Order
from services.renderer.shelf import Shelf

_EVERY_S = 0.5
_LONGEST_PAUSE_S = 60.0
_KEPT_S = 6 * 3600.0
_HELD = 1000
_STOP_S = 1.0
_OFFER_KEPT_S = 600.0  # a backend without a host may get one


class _Due(Struct, kw_only=True):
    order: Order
    done: HostPurge | None = None
    may_run: bool
    since: float
    next_at: float
    pause_s: float = _EVERY_S


class HistoryPurge:
    """
    Purges as soon as it may. Best effort: what is left when the process ends stays until ComfyUI ends.

    Args:
        facts: Asked whether the outcome is recorded.
        connect: ComfyUI on a backend, by its name.
        shelf: What lies in the input folder of a backend, by its name.
    """

    def __init__(
        self, facts: Facts, connect: Callable[[str], ComfyUI], shelf: Callable[[str], Shelf]
    ) -> None:
        self._facts = facts
        self._connect = connect
        self._shelf = shelf
        self._offered: dict[str, tuple[bool, float]] = {}
        self._due: dict[UUID, _Due] = {}

    def add(self, order: Order, *, may_run: bool = False) -> None:
        """
        The attempt's outcome was told.

        Args:
            order: The attempt.
            may_run: It was given up without making sure that it neither waits nor runs: it is stopped first.
        """
        now = asyncio.get_running_loop().time()
        if len(self._due) < _HELD:
            self._due[order.prompt_id] = _Due(order=order, may_run=may_run, since=now, next_at=now)

    async def run(self, stopping: asyncio.Event) -> None:
        """Purge until *stopping*, and then what may be purged at once."""
        while not await until(stopping, _EVERY_S):
            await self.purge()
        await self.purge()

    async def purge(self) -> None:
        """Purge what may be purged now. A backend that is out of reach is tried less and less often."""
        clock = asyncio.get_running_loop().time
        for prompt_id, due in list(self._due.items()):
            if due.next_at > clock():
                continue
            done = False
            with suppress(RetryableError):
                done = await self._purged(due)
            if done or clock() - due.since > _KEPT_S:
                self._due.pop(prompt_id, None)
            due.pause_s = min(due.pause_s * 1.5, _LONGEST_PAUSE_S)
            due.next_at = clock() + due.pause_s

    async def _purged(self, due: _Due) -> bool:
        order = due.order
        if due.done is not None:
            await self._facts.purged(order, due.done)
            return True
        if await self._facts.is_wanted(order.job_id, order.attempt):
            return False
        comfyui = self._connect(order.backend)
        if due.may_run:
            await stopped(comfyui, order.prompt_id, for_s=_STOP_S)
        due.done = await self._deleted(comfyui, order)
        if due.done is None:
            await comfyui.forget(order.prompt_id)
            return True
        await self._facts.purged(order, due.done)
        return True

    async def _deleted(self, comfyui: ComfyUI, order: Order) -> HostPurge | None:
        """What its host deleted, if it has one that can."""
        if not await self._is_offered(comfyui, order.backend):
            return None
        shelf = self._shelf(order.backend)
        done = await comfyui.purge(order.prompt_id, shelf.used(order.prompt_id))
        if done is None:
            self._offered.pop(order.backend, None)  # another host is there now: it is asked the next time
        else:
            shelf.purged(order.prompt_id)
        return done

    async def _is_offered(self, comfyui: ComfyUI, backend: str) -> bool:
        now = asyncio.get_running_loop().time()
        known, at = self._offered.get(backend, (False, -_OFFER_KEPT_S))
        if not known and now - at >= _OFFER_KEPT_S:
            known = await comfyui.purges_files()
            self._offered[backend] = (known, now)
        return known
