"""
One attempt, from the order to its fact.

Wanted? → look → fetch and upload → submit → follow → download → store → tell. Each step may be the
last one this process does: the next delivery of the order begins anew and finds in ComfyUI's queue or
history how far it came, so that nothing is rendered twice.
"""

from __future__ import annotations

from functools import partial

import structlog

from schemas.dispatch import RenderAttempt
from services.common.errors import RejectedError
from services.renderer.comfyui.listener import listening
from services.renderer.errors import (
    AttemptFailedError,
    BackendDownError,
    CalledOffError,
    UnexpectedAnswerError,
)
from services.renderer.handover import Handover
from services.renderer.rendering import Rendering, looking
from services.renderer.staging import Staging
from services.renderer.studio import Studio
from services.renderer.teller import telling
from services.renderer.wanted import Wanted

_LACKING = frozenset({"missing-model", "missing-node"})


class Attempt:
    """One delivery of one order."""

    def __init__(self, studio: Studio, order: RenderAttempt) -> None:
        self._studio = studio
        self._order = order
        self._comfyui = studio.connect(order.backend, order.chain_id)
        self._wanted = Wanted(studio.facts, studio.underway, order)
        self._log = structlog.get_logger().bind(
            job_id=str(order.job_id), attempt=order.attempt, backend=order.backend
        )
        self._handover = Handover(studio, order, self._comfyui, self._log)
        self._may_run = False

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
                await self._fail(_failure("backend-unreachable", exc.code))
            except UnexpectedAnswerError as exc:
                await self._fail(_failure("backend-answer", exc.code))
            except RejectedError as exc:
                await self._fail(AttemptFailedError(exc.code, retryable=False))
            finally:
                await self._handover.close()

    async def _render(self) -> None:
        studio, order = self._studio, self._order
        definition = await studio.library.find(order.workflow)
        if definition is None:
            raise AttemptFailedError("workflow-unknown", retryable=False)
        async with (
            looking(self._comfyui, order.prompt_id) as look,
            telling(studio.bus, order, definition.prompt, studio.keyring.transport) as teller,
            listening(self._comfyui.transport, order.prompt_id, teller) as listener,
            Staging(studio, order, self._comfyui, definition, self._wanted) as staging,
        ):
            rendering = Rendering(
                studio,
                order,
                self._comfyui,
                self._wanted,
                listener,
                running=self._handover.runs,
                ending=partial(self._handover.ends, definition),
            )
            try:
                seen = await rendering.to_its_end(definition, look, staging, teller)
            finally:
                self._may_run = rendering.may_run
            await self._handover.deliver(definition, seen, staging.upload_s, teller)

    async def _fail(self, failure: AttemptFailedError) -> None:
        # A cancelled prompt looks like one that was lost or interrupted; the cancellation tells of it.
        # Not so when it was rendered: a cancellation that finds it done leaves the telling to us.
        if not self._handover.is_rendered and not await self._wanted.is_so():
            self._studio.purge.add(self._order, may_run=self._may_run)
            self._log.info("called off", code=failure.code)
            return
        if failure.code in _LACKING:
            self._studio.doubt(self._order.backend)
        await self._studio.facts.failed(self._order, failure)
        self._studio.purge.add(self._order, may_run=self._may_run)
        self._log.warning("failed", code=failure.code, details=failure.details, **failure.trace)


def _failure(code: str, reason: str) -> AttemptFailedError:
    return AttemptFailedError(code, retryable=True, details={"reason": reason})
