"""Cancelling one attempt wherever it is, confirmed by looking. Doing it twice does it once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from schemas.dispatch import CancelAttempt
from services.common.errors import RetryableError
from services.renderer.comfyui import outcome
from services.renderer.comfyui.stopping import stopped
from services.renderer.errors import AttemptFailedError
from services.renderer.studio import Studio

_TRY_S = 3.0
"""Then the next cancellation gets its turn, and this one comes again."""


async def cancel(studio: Studio, order: CancelAttempt, age: timedelta) -> None:
    """
    Stop an attempt and tell that it was stopped; nothing is told when its picture was done first.

    Args:
        studio: The process's.
        order: Which attempt.
        age: How long ago the cancellation was asked for.

    Raises:
        RetryableError: Not stopped, or not known to be; the order has to come again.
    """
    await studio.underway.cancel(order.prompt_id)
    comfyui = studio.connect(order.backend, studio.own_chain)
    log = structlog.get_logger().bind(job_id=str(order.job_id), attempt=order.attempt, backend=order.backend)
    try:
        standing = await stopped(comfyui, order.prompt_id, for_s=_TRY_S)
    except RetryableError as exc:
        if age < timedelta(seconds=studio.render_timeout_s):
            raise
        # Nobody should wait for ever on a backend that went away, so it is told, but not as stopped.
        await studio.facts.failed(order, AttemptFailedError("cancel-unconfirmed", retryable=False))
        log.warning("cancellation unconfirmed", code=exc.code)
        return
    if standing.ended is not None and outcome.succeeded(standing.ended):
        log.info("cancelled too late")
        return
    await studio.facts.cancelled(order)
    studio.purge.add(order)
    log.info("cancelled")


def age_of(asked_at: datetime, now: datetime) -> timedelta:
    """How long ago; never less than nothing, whatever two clocks say."""
    return max(now - asked_at, timedelta())
