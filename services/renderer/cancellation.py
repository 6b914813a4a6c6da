"""Cancelling one attempt wherever it is, confirmed by looking. Doing it twice does it once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from schemas.dispatch import CancelAttempt
from services.common.errors import RetryableError
from services.renderer.comfyui import outcome
from services.renderer.comfyui.stopping import NotStoppedYetError, stopped
from services.renderer.errors import AttemptFailedError
from services.renderer.studio import Studio

_TRY_S = 3.0
"""Then the next cancellation gets its turn, and this one comes again."""

_AWAY = timedelta(minutes=2)
"""How long a backend may be out of reach; should it come back later, the purge stops what runs there."""

_HANDOVER = timedelta(minutes=1)
"""A picture that was done first and that nobody hands over for so long will not be."""


class DoneFirstError(RetryableError):
    """The picture was done before it could be stopped: whoever holds its attempt hands it over."""

    code = "done-first"


async def cancel(studio: Studio, order: CancelAttempt, age: timedelta) -> None:
    """
    Stop an attempt and tell that it was stopped; nothing is told when its picture was handed over first.

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
        patience = timedelta(seconds=studio.limits.silence_s)
        if age < (patience if isinstance(exc, NotStoppedYetError) else min(patience, _AWAY)):
            raise
        # Nobody should wait for ever on a backend that went away, so it is told, but not as stopped.
        await studio.facts.failed(order, AttemptFailedError("cancel-unconfirmed", retryable=False))
        studio.purge.add(order, may_run=True)
        log.warning("cancellation unconfirmed", code=exc.code)
        return
    if standing.ended is not None and outcome.succeeded(standing.ended):
        if studio.underway.is_delivered(order.prompt_id):
            log.info("cancelled too late")
            return
        if studio.underway.is_at(str(order.prompt_id)) or age < _HANDOVER:
            raise DoneFirstError
    await studio.facts.cancelled(order)
    studio.purge.add(order)
    log.info("cancelled")


def age_of(asked_at: datetime, now: datetime) -> timedelta:
    """How long ago; never less than nothing, whatever two clocks say."""
    return max(now - asked_at, timedelta())
