"""
One attempt, from the order to its fact.

Wanted? → look → fetch and upload → submit → follow → download → store → tell. Each step may be the
last one this process does: the next delivery of the order begins anew and finds in ComfyUI's queue or
history how far it came, so that nothing is rendered twice.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from schemas.dispatch import RenderAttempt
from schemas.events.job import Timings
from schemas.private import DispatchSecrets
from services.common.bus import BusDownError
from services.common.errors import RejectedError, RetryableError
from services.common.seal import unseal_struct
from services.renderer.comfyui import outcome
from services.renderer.comfyui.answers import Ended
from services.renderer.comfyui.listener import Listener, listening
from services.renderer.comfyui.patience import TROUBLE, until_answered
from services.renderer.comfyui.stopping import stopped
from services.renderer.definition import Definition
from services.renderer.delivery import downloaded, stored
from services.renderer.errors import (
    AttemptFailedError,
    BackendDownError,
    CalledOffError,
    UnexpectedAnswerError,
)
from services.renderer.following import Followed, followed
from services.renderer.intake import fetched, uploaded
from services.renderer.studio import Studio
from services.renderer.submission import Submission
from services.renderer.teller import Teller
from services.renderer.workflow import Wishes, filled

REACH_S = 5.0
"""How long a backend may be out of reach before anything was submitted to it."""

_FRESH_S = 1.0
"""What was asked and looked at longer ago is asked and looked at again before submitting."""

_STOP_S = 3.0
_LACKING = frozenset({"missing-model", "missing-node"})


class Attempt:
    """One delivery of one order."""

    def __init__(self, studio: Studio, order: RenderAttempt) -> None:
        self._studio = studio
        self._order = order
        self._comfyui = studio.connect(order.backend, order.chain_id)
        self._clock = asyncio.get_running_loop().time
        self._upload_s = 0.0
        self._rendered = False
        self._log = structlog.get_logger().bind(
            job_id=str(order.job_id), attempt=order.attempt, backend=order.backend
        )

    async def run(self) -> None:
        """
        Do the attempt and tell what came of it; the order may be acknowledged then.

        Raises:
            RetryableError: Nothing was told. The order has to come again: our own tunnel or NATS is
                away, or this process is at it already.
        """
        with self._studio.underway.entered(self._order.prompt_id):
            try:
                await self._render()
            except CalledOffError:
                self._log.info("called off")
            except AttemptFailedError as exc:
                await self._fail(exc)
            except BackendDownError as exc:
                await self._fail(_failure("backend-unreachable", exc))
            except UnexpectedAnswerError as exc:
                await self._fail(_failure("backend-answer", exc))
            except RejectedError as exc:
                await self._fail(AttemptFailedError(exc.code, retryable=False))

    async def _render(self) -> None:
        order = self._order
        definition = self._studio.catalogue.get(order.workflow)
        if definition is None:
            raise AttemptFailedError("workflow-unknown", retryable=False)
        if not await self._is_wanted():
            await self._deliver_what_is_done(definition)
            return
        teller = Teller(self._studio.bus, order, definition.prompt)
        transport = self._comfyui.transport
        async with listening(transport, order.prompt_id, teller.hear) as listener:
            standing = await until_answered(lambda: self._comfyui.standing(order.prompt_id), REACH_S)
            if standing.state == "absent":
                await self._submit(definition, listener, teller)
            seen = await self._follow(listener)
        await self._deliver(definition, seen, teller)

    async def _deliver_what_is_done(self, definition: Definition) -> None:
        """
        The order is stale: it was cancelled, or its outcome is recorded already. Nothing is rendered.

        But a cancellation that finds a finished picture leaves it to the attempt; so when the process
        that rendered it is gone, it is delivered here.
        """
        if self._studio.underway.is_delivered(self._order.prompt_id):
            raise CalledOffError
        try:
            standing = await self._comfyui.standing(self._order.prompt_id)
        except TROUBLE as exc:
            raise CalledOffError from exc
        if standing.ended is None or not outcome.succeeded(standing.ended):
            raise CalledOffError
        seen = Followed(ended=standing.ended, wait_s=0.0, render_s=0.0)
        await self._deliver(definition, seen, Teller(self._studio.bus, self._order, definition.prompt))

    async def _submit(self, definition: Definition, listener: Listener, teller: Teller) -> None:
        studio, order = self._studio, self._order
        looked_at = self._clock()
        secrets = unseal_struct(studio.keyring.transport, order.private, order.job_id, DispatchSecrets)
        pictures = await fetched(studio.media, order.inputs, secrets.input_keys)
        if pictures:
            await teller.stage("uploading")
        began = self._clock()
        names = await uploaded(self._comfyui, pictures, REACH_S)
        self._upload_s = self._clock() - began
        wishes = Wishes(
            prompt=secrets.prompt,
            negative=secrets.negative,
            params=order.params,
            pictures=names,
            file_stem=f"darkroom-{order.prompt_id}",
        )
        graph = filled(definition, wishes)
        # The socket has to be there first: events of before are not repeated.
        await listener.opened()
        if self._clock() - looked_at > _FRESH_S and await self._is_there_or_unwanted():
            return
        submission = Submission(self._comfyui, studio.underway, order.prompt_id, studio.render_timeout_s)
        await submission.make(
            lambda: self._comfyui.submit(definition, graph, order.prompt_id, listener.client_id)
        )
        await teller.stage("queued")
        # A cancellation handled by another process while this one submitted found nothing to stop.
        if not await self._is_wanted():
            await self._stop()
            raise CalledOffError

    async def _is_there_or_unwanted(self) -> bool:
        if not await self._is_wanted():
            raise CalledOffError
        standing = await until_answered(lambda: self._comfyui.standing(self._order.prompt_id), REACH_S)
        return standing.state != "absent"

    async def _follow(self, listener: Listener) -> Followed:
        async def running() -> None:
            # Only for show: the outcome says it too.
            with suppress(BusDownError):
                await self._studio.facts.started(self._order)

        try:
            return await followed(
                self._comfyui,
                listener,
                self._order.prompt_id,
                timeout_s=self._studio.render_timeout_s,
                running=running,
            )
        except AttemptFailedError:
            # Given up: should it come to run after all, it would render for nobody.
            await self._stop()
            raise

    async def _deliver(self, definition: Definition, seen: Followed, teller: Teller) -> None:
        files = self._files(definition, seen.ended)
        self._rendered = True
        await teller.stage("downloading", 100.0)
        began = self._clock()
        media = await downloaded(self._comfyui, files, self._studio.render_timeout_s)
        timings = Timings(
            upload_s=round(self._upload_s, 4),
            wait_s=round(seen.wait_s, 4),
            render_s=round(outcome.render_s(seen.ended) or seen.render_s, 4),
            download_s=round(self._clock() - began, 4),
        )
        refs, keys = await stored(self._studio.media, media)
        await self._studio.facts.succeeded(self._order, refs, keys, timings)
        self._studio.underway.delivered(self._order.prompt_id)
        self._studio.purge.add(self._order)
        self._log.info("succeeded", pictures=len(refs), render_s=timings.render_s)

    def _files(self, definition: Definition, ended: Ended) -> list[outcome.OutputFile]:
        if outcome.was_interrupted(ended):
            raise AttemptFailedError("interrupted-elsewhere", retryable=True)
        if not outcome.succeeded(ended):
            raise outcome.failure(ended, definition)
        return outcome.files(ended, definition)

    async def _fail(self, failure: AttemptFailedError) -> None:
        # A cancelled prompt looks like one that was lost or interrupted; the cancellation tells of it.
        # Not so when it was rendered: a cancellation that finds it done leaves the telling to us.
        if not self._rendered and not await self._is_wanted():
            self._log.info("called off", code=failure.code)
            return
        if failure.code in _LACKING:
            self._studio.doubt(self._order.backend)
        await self._studio.facts.failed(self._order, failure)
        self._studio.purge.add(self._order)
        self._log.warning("failed", code=failure.code, details=failure.details)

    async def _is_wanted(self) -> bool:
        order = self._order
        if self._studio.underway.is_cancelled(order.prompt_id):
            return False
        return await self._studio.facts.is_wanted(order.job_id, order.attempt)

    async def _stop(self) -> None:
        with suppress(RetryableError):
            await stopped(self._comfyui, self._order.prompt_id, for_s=_STOP_S)


def _failure(code: str, trouble: RetryableError) -> AttemptFailedError:
    return AttemptFailedError(code, retryable=True, details={"reason": trouble.code})
