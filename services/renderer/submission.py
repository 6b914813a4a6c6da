"""Submitting a prompt once, although ComfyUI would take it twice and its answer may get lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import until_answered
from services.renderer.errors import (
    AttemptFailedError,
    BackendCutError,
    CalledOffError,
    UnexpectedAnswerError,
)
from services.renderer.underway import Underway
from services.renderer.wanted import Wanted

_TRIES = 3
_SETTLING_S = (0.0, 0.2, 0.5, 1.0, 1.5)
"""Pauses before each look for a prompt whose submission had no answer: it may be on its way still."""

Submit = Callable[[], Awaitable[None]]


class Submission:
    """
    One attempt's submission.

    Args:
        comfyui: The backend.
        underway: Says whether the attempt was cancelled.
        prompt_id: The attempt's.
        wanted: Asked while the backend is out of reach.
        patience_s: How long to look for a prompt of which nothing is known, in seconds.
    """

    def __init__(
        self, comfyui: ComfyUI, underway: Underway, prompt_id: UUID, wanted: Wanted, patience_s: float
    ) -> None:
        self._comfyui = comfyui
        self._underway = underway
        self._prompt_id = prompt_id
        self._wanted = wanted
        self._patience_s = patience_s

    async def make(self, submit: Submit) -> None:
        """
        Have the prompt queued, once. It must have been looked for just before.

        Raises:
            CalledOffError: Cancelled before, or not wanted any more; it may be queued.
            AttemptFailedError: Refused, or it never arrived.
            TunnelDownError, BackendDownError: It did not arrive.
        """
        reason = ""
        for _ in range(_TRIES):
            async with self._underway.submitting(self._prompt_id):
                if self._underway.is_cancelled(self._prompt_id):
                    raise CalledOffError
                try:
                    await submit()
                except (BackendCutError, UnexpectedAnswerError) as exc:
                    # A lost answer, and even a 500, may stand for a prompt that is queued.
                    reason = exc.code
                else:
                    return
            if await self._wanted.meanwhile(self._arrived()):
                return
        raise AttemptFailedError("backend-unreachable", retryable=True, details={"reason": reason})

    async def _arrived(self) -> bool:
        for pause_s in _SETTLING_S:
            await asyncio.sleep(pause_s)
            standing = await until_answered(lambda: self._comfyui.standing(self._prompt_id), self._patience_s)
            if standing.state != "absent":
                return True
        return False
