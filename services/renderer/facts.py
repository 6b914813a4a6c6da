"""Facts to the orchestrator. Ids are derived, so telling one twice tells it once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from schemas import codec, ids, subjects
from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.events.job import Timings
from schemas.facts import HostPurged, RenderCancelled, RenderFailed, RenderStarted, RenderSucceeded
from schemas.media import MediaRef
from schemas.private import MediaKeys
from schemas.queries import AskAttempt, AttemptFound
from services.common.bus import Bus
from services.common.seal import seal_struct
from services.renderer.comfyui.answers import HostPurge
from services.renderer.errors import AttemptFailedError

Order = RenderAttempt | CancelAttempt


class Facts:
    """
    What becomes of attempts, told and asked.

    Raises:
        BusDownError: From every method: not acknowledged, or nobody answered. It may be asked again.
    """

    def __init__(self, bus: Bus, transport_key: bytes) -> None:
        self._bus = bus
        self._key = transport_key

    async def is_wanted(self, job_id: UUID, attempt: int) -> bool:
        """Whether the attempt is the job's present one, and the job neither ended nor cancelled."""
        data = await self._bus.request(subjects.query("renderer"), AskAttempt(job_id=job_id, attempt=attempt))
        answer = codec.decode_answer(data)
        return isinstance(answer, AttemptFound) and answer.wanted

    async def started(self, order: RenderAttempt) -> None:
        """The backend runs it."""
        await self._tell(order, "started", RenderStarted(job_id=order.job_id, attempt=order.attempt))

    async def succeeded(
        self,
        order: RenderAttempt,
        images: tuple[MediaRef, ...],
        keys: Mapping[UUID, bytes],
        timings: Timings,
    ) -> None:
        """The pictures are in the media store; *keys* open them."""
        fact = RenderSucceeded(
            job_id=order.job_id,
            attempt=order.attempt,
            backend=order.backend,
            images=images,
            timings=timings,
            private=seal_struct(self._key, MediaKeys(keys=dict(keys)), order.job_id),
        )
        await self._tell(order, "succeeded", fact)

    async def failed(self, order: Order, failure: AttemptFailedError) -> None:
        """It ended without a picture."""
        fact = RenderFailed(
            job_id=order.job_id,
            attempt=order.attempt,
            backend=order.backend,
            code=failure.code,
            details={"backend": order.backend, **failure.details},
            retryable=failure.retryable,
        )
        await self._tell(order, "failed", fact)

    async def cancelled(self, order: CancelAttempt) -> None:
        """It was stopped, and that was confirmed."""
        await self._tell(order, "cancelled", RenderCancelled(job_id=order.job_id, attempt=order.attempt))

    async def purged(self, order: Order, done: HostPurge) -> None:
        """Nothing of it is left on the backend's machine."""
        fact = HostPurged(
            job_id=order.job_id,
            attempt=order.attempt,
            backend=order.backend,
            files=done.files,
            inputs=done.inputs,
            history=done.history,
        )
        await self._tell(order, "purged", fact)

    async def _tell(self, order: Order, what: str, fact: object) -> None:
        message_id = ids.message_id("render", order.job_id, order.attempt, what)
        await self._bus.publish(subjects.inbox_fact(order.backend), fact, message_id)
