"""One attempt on its backend: queued once, followed until it has ended, or stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from schemas.dispatch import RenderAttempt
from services.common.errors import RetryableError
from services.renderer.comfyui import outcome
from services.renderer.comfyui.answers import Ended, Outputs
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.failure import failure
from services.renderer.comfyui.listener import Listener
from services.renderer.comfyui.patience import until_answered
from services.renderer.comfyui.standing import Standing
from services.renderer.comfyui.stopping import stopped
from services.renderer.definition import Definition
from services.renderer.ending import end
from services.renderer.errors import AttemptFailedError, CalledOffError, SpoiltError
from services.renderer.following import Followed, Following
from services.renderer.staging import REACH_S, Staging
from services.renderer.studio import Studio
from services.renderer.teller import Teller
from services.renderer.wanted import Wanted

_STOP_S = 3.0


@asynccontextmanager
async def looking(comfyui: ComfyUI, prompt_id: UUID) -> AsyncGenerator[asyncio.Task[Standing]]:
    """
    A look at where a prompt stands, on its way while the block runs.

    It takes two answers, one after the other; everything else before a submission is over sooner, so it
    is begun with first.
    """
    look = asyncio.create_task(until_answered(lambda: comfyui.standing(prompt_id), REACH_S))
    try:
        yield look
    finally:
        await end(look)


class Rendering:
    """
    Sees an attempt to its end, from wherever it stands.

    Args:
        studio: The process's.
        order: The attempt.
        comfyui: The backend.
        wanted: Asked before it is queued, and until it has ended.
        listener: Listens for its prompt.
        running: Called once, when it is first seen to run.
        ending: Called with its outputs when it was told, not yet seen, to have ended well.

    Attributes:
        may_run: It may still be queued or running there: nobody could make sure that it is not.
    """

    def __init__(
        self,
        studio: Studio,
        order: RenderAttempt,
        comfyui: ComfyUI,
        wanted: Wanted,
        listener: Listener,
        *,
        running: Callable[[], None],
        ending: Callable[[Outputs], None],
    ) -> None:
        self.may_run = False
        self._studio = studio
        self._order = order
        self._comfyui = comfyui
        self._wanted = wanted
        self._listener = listener
        self._running = running
        self._ending = ending

    async def to_its_end(
        self, definition: Definition, look: Awaitable[Standing], staging: Staging, teller: Teller
    ) -> Followed:
        """
        Have it rendered, unless *look* finds that it was already.

        Raises:
            CalledOffError: Nobody wants it any more, and it made nothing.
            AttemptFailedError: It was refused, or given up.
            TunnelDownError, BackendDownError, UnexpectedAnswerError: It could not be queued.
            BusDownError: It is not known whether it is wanted.
        """
        if not await self._wanted.is_so():
            return await self._unwanted()
        staging.send(teller)
        is_new = (await look).state == "absent"
        self.may_run = True
        try:
            if is_new:
                await staging.queue(self._listener, teller)
            seen = await self._wanted.meanwhile(self._followed())
            if _lost_its_input(seen.ended, definition):
                await staging.queue_again(self._listener)
                seen = await self._wanted.meanwhile(self._followed())
        except CalledOffError:
            return await self._unwanted()
        except SpoiltError as exc:
            await self._stopped()
            raise exc.failure from exc
        self.may_run = False
        return seen

    async def _followed(self) -> Followed:
        following = Following(
            self._comfyui,
            self._listener,
            self._studio.underway,
            self._order.prompt_id,
            self._studio.limits,
            running=self._running,
            ending=self._ending,
        )
        try:
            return await following.to_its_end()
        except AttemptFailedError as exc:
            # Given up: should it come to run after all, it would render for nobody.
            standing = await self._stopped()
            if standing is not None and standing.ended is not None and outcome.succeeded(standing.ended):
                return Followed(ended=standing.ended, wait_s=0.0, render_s=0.0)
            if exc.code == "render-timeout" and standing is None:
                # Not even an interrupt gets through: not this prompt is slow, nothing moves there.
                raise AttemptFailedError("backend-wedged", retryable=True) from exc
            raise

    async def _unwanted(self) -> Followed:
        """
        It was cancelled, given to another backend, or its outcome is recorded already: it is stopped.

        But a cancellation that finds a finished picture leaves it to the attempt; so one that had ended
        well is seen to its end even now.
        """
        if self._studio.underway.is_delivered(self._order.prompt_id):
            raise CalledOffError
        standing = await self._stopped()
        if standing is None or standing.ended is None or not outcome.succeeded(standing.ended):
            self._studio.purge.add(self._order, may_run=standing is None)
            raise CalledOffError
        return Followed(ended=standing.ended, wait_s=0.0, render_s=0.0)

    async def _stopped(self) -> Standing | None:
        """How it stands once it neither waits nor runs; nothing when that could not be made sure of."""
        try:
            standing = await stopped(self._comfyui, self._order.prompt_id, for_s=_STOP_S)
        except RetryableError:
            self.may_run = True
            return None
        self.may_run = False
        return standing


def _lost_its_input(ended: Ended, definition: Definition) -> bool:
    return not outcome.succeeded(ended) and failure(ended, definition).code == "input-gone"
