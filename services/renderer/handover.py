"""What became of an attempt that has ended on its backend, handed to those who wait for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from structlog.stdlib import BoundLogger

from schemas.dispatch import RenderAttempt
from schemas.events.job import Timings
from services.common.bus import BusDownError
from services.renderer.ahead import Ahead
from services.renderer.comfyui import outcome, outputs
from services.renderer.comfyui.answers import Ended, Outputs
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.failure import failure
from services.renderer.definition import Definition
from services.renderer.delivery import delivered
from services.renderer.ending import end
from services.renderer.errors import AttemptFailedError
from services.renderer.following import Followed
from services.renderer.studio import Studio
from services.renderer.teller import Teller


class Handover:
    """
    One attempt's.

    Attributes:
        is_rendered: There is something to hand over; whether anybody still wants it does not matter then.
    """

    def __init__(self, studio: Studio, order: RenderAttempt, comfyui: ComfyUI, log: BoundLogger) -> None:
        self.is_rendered = False
        self._studio = studio
        self._order = order
        self._comfyui = comfyui
        self._log = log
        self._starting: asyncio.Task[None] | None = None
        self._ahead = Ahead(comfyui.transport)

    def runs(self) -> None:
        """The backend runs it: that is told meanwhile, only for show, for the outcome says it too."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._started())

    def ends(self, definition: Definition, saved: Outputs) -> None:
        """
        It was told to have run to its end, and what it *saved*: that is fetched meanwhile.

        The history has the last word on whether it did, and on what is delivered.
        """
        with suppress(AttemptFailedError):
            self._ahead.begin(outputs.files(Ended(outputs=saved), definition))

    async def close(self) -> None:
        """Nothing more is told or fetched by it."""
        await self._ahead.close()
        if self._starting is not None:
            await end(self._starting)

    async def _started(self) -> None:
        with suppress(BusDownError):
            await self._studio.facts.started(self._order)

    async def deliver(self, definition: Definition, seen: Followed, upload_s: float, teller: Teller) -> None:
        """
        Download, strip, store, tell.

        Raises:
            AttemptFailedError: It did not succeed, or what it made can't be had.
            TunnelDownError, BackendDownError, UnexpectedAnswerError: Its files are out of reach.
            BusDownError: Nothing was told.
        """
        if outcome.was_interrupted(seen.ended):
            raise AttemptFailedError("interrupted-elsewhere", retryable=True)
        if not outcome.succeeded(seen.ended):
            raise failure(seen.ended, definition)
        files = outputs.files(seen.ended, definition)
        self.is_rendered = True
        await teller.stage("downloading", 100.0)
        made = await delivered(
            self._comfyui, self._studio.media, files, self._ahead, self._studio.limits.silence_s
        )
        timings = Timings(
            upload_s=round(upload_s, 4),
            wait_s=round(seen.wait_s, 4),
            render_s=round(outcome.render_s(seen.ended) or seen.render_s, 4),
            download_s=round(made.download_s, 4),
        )
        if self._starting is not None:
            await self._starting
        await self._studio.facts.succeeded(self._order, made.media, made.keys, timings)
        self._studio.underway.delivered(self._order.prompt_id)
        self._studio.purge.add(self._order)
        self._log.info("succeeded", files=len(made.media), render_s=timings.render_s)
