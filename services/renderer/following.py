"""Following a submitted prompt to its end: looking is the truth, the socket says when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from services.renderer.comfyui.answers import Ended, Outputs, Status
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.listener import Listener
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.comfyui.standing import Standing
from services.renderer.errors import AttemptFailedError
from services.renderer.underway import Underway
from services.renderer.watch import Limits, Sign, Watch

_LOOK_EVERY_LIVE_S = 2.0
"""While the socket lives, looking only makes up for events that got lost."""
_LOOK_EVERY_DEAF_S = 0.5
_LOOK_AGAIN_S = 0.05
"""The end is told a moment before it is written into the history."""
_AT_MOST_EVERY_TOLD_S = 0.25
_AT_MOST_EVERY_S = 0.03
"""A busy server tells every socket of every prompt; that must not become a storm of looks."""


class Followed(Struct, frozen=True, kw_only=True):
    """How it ended, and how long it waited and ran, in seconds, as far as this process saw it."""

    ended: Ended
    wait_s: float
    render_s: float


class Following:
    """
    Follows one prompt.

    Args:
        comfyui: The backend.
        listener: Listens for this prompt.
        underway: What else this process is at.
        prompt_id: The attempt's.
        limits: After which it is given up.
        running: Called once, when it is first seen to run.
        ending: Called with its outputs when it was told to have ended well; then it is looked whether it did.
    """

    def __init__(
        self,
        comfyui: ComfyUI,
        listener: Listener,
        underway: Underway,
        prompt_id: UUID,
        limits: Limits,
        *,
        running: Callable[[], None],
        ending: Callable[[Outputs], None],
    ) -> None:
        self._comfyui = comfyui
        self._listener = listener
        self._underway = underway
        self._prompt_id = prompt_id
        self._running = running
        self._ending = ending
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._ran_at: float | None = None
        self._watch = Watch(limits, self._began)

    async def to_its_end(self) -> Followed:
        """
        Look until the prompt has ended.

        Raises:
            AttemptFailedError, TunnelDownError: As ``Watch``: it will not end any more, or can't be seen.
        """
        # Just submitted, there is nothing to be seen that will not be told.
        turned = self._listener.is_told and await self._woken(again=False)
        while True:
            try:
                ended = await self._look(turned)
            except TROUBLE as exc:
                self._watch.could_not_look(exc, self._clock())
            else:
                if ended is not None:
                    return self._followed(ended)
            turned = await self._woken(again=turned)

    async def _woken(self, *, again: bool) -> bool:
        listener = self._listener
        soonest_s = _AT_MOST_EVERY_TOLD_S if listener.is_told else _AT_MOST_EVERY_S
        if again and listener.succeeded:
            return await listener.woken(_LOOK_AGAIN_S, _LOOK_AGAIN_S)
        return await listener.woken(soonest_s, _LOOK_EVERY_LIVE_S if listener.is_live else _LOOK_EVERY_DEAF_S)

    async def _look(self, turned: bool) -> Ended | None:  # noqa: FBT001 - what the last wait said
        if turned and self._listener.is_running:
            self._runs()
            return None
        if self._listener.succeeded:
            self._ending(self._listener.saved)
        if turned:
            # The end was heard: one small question instead of two, of which the other is large.
            ended = await self._comfyui.ended(self._prompt_id)
            if ended is not None:
                return ended
        standing = await self._comfyui.standing(self._prompt_id)
        if standing.copies > 1:
            # A submission that was long on its way, and the one that took its place: one of them is too many.
            await self._comfyui.drop_pending(self._prompt_id)
        if standing.ended is not None:
            return standing.ended
        if standing.state == "running":
            self._runs()
        return self._weighed(standing)

    def _weighed(self, standing: Standing) -> Ended | None:
        """Whether there is hope; a history that was lost is made up for by what was heard."""
        listener = self._listener
        sign = Sign(
            heard=listener.signs,
            is_counting=listener.is_counting,
            is_behind_ours=any(self._underway.is_at(prompt) for prompt in standing.running),
        )
        try:
            self._watch.saw(standing, sign, self._clock())
        except AttemptFailedError:
            if standing.state == "absent" and listener.succeeded:
                return Ended(outputs=listener.saved, status=Status(status_str="success"))
            raise
        return None

    def _runs(self) -> None:
        if self._ran_at is None:
            self._ran_at = self._clock()
            self._running()

    def _followed(self, ended: Ended) -> Followed:
        now = self._clock()
        ran_at = self._began if self._ran_at is None else self._ran_at
        return Followed(ended=ended, wait_s=ran_at - self._began, render_s=now - ran_at)
