"""Following a submitted prompt to its end: looking is the truth, the socket says when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import Struct

from services.renderer.comfyui.answers import Ended
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.listener import Listener
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.comfyui.standing import Standing
from services.renderer.watch import Watch

_LOOK_EVERY_LIVE_S = 2.0
"""While the socket lives, looking only makes up for events that got lost."""
_LOOK_EVERY_DEAF_S = 0.5
_LOOK_AT_MOST_EVERY_S = 0.03
"""A busy server tells every socket of every prompt; that must not become a storm of looks."""


class Followed(Struct, frozen=True, kw_only=True):
    """How it ended, and how long it waited and ran, in seconds, as far as this process saw it."""

    ended: Ended
    wait_s: float
    render_s: float


async def followed(
    comfyui: ComfyUI,
    listener: Listener,
    prompt_id: UUID,
    *,
    timeout_s: float,
    running: Callable[[], Awaitable[None]],
) -> Followed:
    """
    Look until the prompt has ended.

    Args:
        comfyui: The backend.
        listener: Listens for this prompt.
        prompt_id: The attempt's.
        timeout_s: Give up after so long without any sign of life.
        running: Called once, when it is first seen to run.

    Raises:
        AttemptFailedError, TunnelDownError: As ``Watch``: it will not end any more, or can't be seen.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    ran_at: float | None = None
    watch = Watch(timeout_s, began)
    while True:
        looked_at = clock()
        try:
            standing = await comfyui.standing(prompt_id)
            await _without_copies(comfyui, prompt_id, standing)
        except TROUBLE as exc:
            watch.could_not_look(exc, clock())
        else:
            if standing.ended is not None:
                now = clock()
                ran_at = began if ran_at is None else ran_at
                return Followed(ended=standing.ended, wait_s=ran_at - began, render_s=now - ran_at)
            if standing.state == "running" and ran_at is None:
                ran_at = clock()
                await running()
            watch.saw(standing, listener.signs, clock())
        turned = await listener.woken(_LOOK_EVERY_LIVE_S if listener.is_live else _LOOK_EVERY_DEAF_S)
        if not turned:
            await asyncio.sleep(looked_at + _LOOK_AT_MOST_EVERY_S - clock())


async def _without_copies(comfyui: ComfyUI, prompt_id: UUID, standing: Standing) -> None:
    # A submission that was long on its way, and the one that took its place: one of them is too many.
    if standing.copies > 1:
        await comfyui.drop_pending(prompt_id)
