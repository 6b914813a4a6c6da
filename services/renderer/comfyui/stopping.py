"""Stopping a prompt wherever it is, and making sure by looking."""

from __future__ import annotations

import asyncio
from uuid import UUID

from services.common.errors import RetryableError
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.standing import Standing

_PAUSE_S = 0.1
_INTERRUPT_EVERY = 10  # looks
_RECHECK_S = 0.3


class NotStoppedYetError(RetryableError):
    """It still runs: a node that never looks up can't be interrupted, only waited for."""

    code = "not-stopped-yet"


async def stopped(comfyui: ComfyUI, prompt_id: UUID, *, for_s: float) -> Standing:
    """
    Stop a prompt; one that is gone or ended already is left as it is.

    Args:
        comfyui: The backend.
        prompt_id: Whose; every other prompt there is left alone.
        for_s: How long to try, in seconds.

    Returns:
        How it stands: ``ended`` or ``absent``.

    Raises:
        NotStoppedYetError: Still queued or running after *for_s*.
        TunnelDownError, BackendDownError, UnexpectedAnswerError: It could not be looked; ask again.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + for_s
    looks = 0
    was_absent = False
    while True:
        standing = await comfyui.standing(prompt_id)
        if standing.state == "ended" or (standing.state == "absent" and was_absent):
            return standing
        # One look is not enough: a prompt between the queue and the history is in neither answer.
        was_absent = standing.state == "absent"
        if standing.state == "pending":
            await comfyui.drop_pending(prompt_id)
        elif standing.state == "running" and looks % _INTERRUPT_EVERY == 0:
            await comfyui.interrupt(prompt_id)
        looks += 1
        if loop.time() > deadline:
            raise NotStoppedYetError
        await asyncio.sleep(_RECHECK_S if was_absent else _PAUSE_S)
