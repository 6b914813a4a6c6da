"""What is due outside the log, as messages: read in one snapshot, sent by the relay afterwards."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import Struct

from schemas import ids, subjects
from schemas.dispatch import CancelAttempt
from services.common.errors import RejectedError
from services.orchestrator.composer import Composer
from services.orchestrator.effects import Due, Stray
from services.orchestrator.person_keys import ForgottenError

_QUEUE_SHOWN = 20  # whose place is further back is told when they come nearer

T = TypeVar("T")


class Outgoing(Struct, frozen=True, kw_only=True):
    """A message, and where it goes."""

    subject: str
    body: object
    message_id: UUID


class Orders(Struct, frozen=True, kw_only=True):
    """Messages, and the jobs in flight that no renderer can be told of: their words don't open any more."""

    messages: list[Outgoing]
    unreadable: list[UUID]


async def orders(composer: Composer, due: Due, again: str = "") -> Orders:
    """
    What renderers are to be told, as it stands now; what was overtaken meanwhile is left out.

    Args:
        composer: On the snapshot.
        due: What to tell.
        again: Names a repetition of what was sent before; one repetition sends each thing once.
    """
    messages: list[Outgoing] = []
    unreadable: list[UUID] = []
    for job_id in due.attempts:
        job = await composer.job(job_id)
        if job is None or job.status not in {"dispatched", "running"}:
            continue
        order = await _readable(composer.attempt(job_id, job), job_id)
        if order is None:
            unreadable.append(job_id)
            continue
        name = ids.message_id("attempt", job_id, job.attempt, again)
        messages.append(Outgoing(subject=subjects.render_attempt(job.backend), body=order, message_id=name))
    for job_id in due.cancels:
        job = await composer.job(job_id)
        # A job that failed in the queue has no backend any more, and nothing of it is left to stop.
        if job is not None and job.backend and job.status in {"cancelling", "failed"}:
            stray = Stray(job_id=job_id, attempt=job.attempt, backend=job.backend)
            messages.append(_cancellation(stray, again))
    messages += [_cancellation(stray, again) for stray in due.strays]
    return Orders(messages=messages, unreadable=unreadable)


def _cancellation(stray: Stray, again: str) -> Outgoing:
    """The order to stop an attempt; it comes once, whether it was asked for or the attempt was given up."""
    return Outgoing(
        subject=subjects.render_cancel(stray.backend),
        body=CancelAttempt(
            job_id=stray.job_id,
            attempt=stray.attempt,
            prompt_id=ids.prompt_id(stray.job_id, stray.attempt),
            backend=stray.backend,
        ),
        message_id=ids.message_id("cancel", stray.job_id, stray.attempt, again),
    )


async def entries(composer: Composer, due: Due, again: str = "") -> list[Outgoing]:
    """What channels are to be told; arguments as of ``orders``."""
    tag = again or str(composer.version)
    messages: list[Outgoing] = []
    jobs = dict(due.jobs)
    if due.queue:
        waiting = [place for place in (await composer.queue()).values() if place.position > 0]
        jobs |= {place.job_id: None for place in waiting[:_QUEUE_SHOWN]}
    for job_id in jobs:
        job = await composer.job(job_id)
        entry = job and await _readable(composer.job_entry(job_id, job), job_id)
        if job and entry:
            where = subjects.reply(job.requested.channel, job.requested.session_id)
            name = ids.message_id("entry", job_id, tag)
            messages.append(Outgoing(subject=where, body=entry, message_id=name))
    for entry_id in due.answers:
        answer = await composer.answer(entry_id)
        if answer is None or answer.shown:
            continue
        entry = await _readable(composer.answer_entry(entry_id, answer), entry_id)
        if entry:
            where = subjects.reply(answer.given.channel, answer.given.session_id)
            name = ids.message_id("entry", entry_id, tag)
            messages.append(Outgoing(subject=where, body=entry, message_id=name))
    return messages


async def _readable(composing: Awaitable[T], id_: UUID) -> T | None:
    """What is composed; nothing when what it is made of doesn't open. That must not hold up the others."""
    try:
        return await composing
    except ForgottenError:
        return None
    except RejectedError as exc:
        structlog.get_logger().error("unreadable", entry=id_, code=exc.code, reason=str(exc))
        return None
