"""What is due outside the log, as messages: composed as of one moment, and sent afterwards."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import Struct

from schemas import ids, subjects
from schemas.channel import Channel
from schemas.dispatch import CancelAttempt
from schemas.replies import Entry
from services.common.errors import RejectedError
from services.orchestrator.answer import Answer
from services.orchestrator.answer import stream as answer_stream
from services.orchestrator.composer import Composer
from services.orchestrator.effects import Due, Stray
from services.orchestrator.job import Job
from services.orchestrator.job import stream as job_stream
from services.orchestrator.person_keys import ForgottenError
from services.orchestrator.projection import Row

_QUEUE_SHOWN = 20  # whose place is further back is told when they come nearer

T = TypeVar("T")


class Outgoing(Struct, frozen=True, kw_only=True):
    """
    A message, and where it goes.

    Attributes:
        subject: Where.
        body: What.
        message_id: Its name on the way.
        says: What it is of, and as of which version of that.
    """

    subject: str
    body: object
    message_id: UUID
    says: str


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
        where = subjects.render_attempt(job.backend)
        messages.append(Outgoing(subject=where, body=order, message_id=name, says=str(name)))
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
    name = ids.message_id("cancel", stray.job_id, stray.attempt, again)
    return Outgoing(
        subject=subjects.render_cancel(stray.backend),
        body=CancelAttempt(
            job_id=stray.job_id,
            attempt=stray.attempt,
            prompt_id=ids.prompt_id(stray.job_id, stray.attempt),
            backend=stray.backend,
        ),
        message_id=name,
        says=str(name),
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
        row = await composer.row(job_stream(job_id))
        job: Job | None = row.state
        if job is None or (job.has_ended and job.shown):
            continue
        entry = await _readable(composer.job_entry(job_id, job), job_id)
        if entry:
            messages.append(_reply(job.requested.channel, entry, row, tag))
    for entry_id in due.answers:
        row = await composer.row(answer_stream(entry_id))
        answer: Answer | None = row.state
        if answer is None or answer.shown:
            continue
        entry = await _readable(composer.answer_entry(entry_id, answer), entry_id)
        if entry:
            messages.append(_reply(answer.given.channel, entry, row, tag))
    return messages


def _reply(channel: Channel, entry: Entry, row: Row, tag: str) -> Outgoing:
    return Outgoing(
        subject=subjects.reply(channel, entry.session_id),
        body=entry,
        message_id=ids.message_id("entry", entry.entry_id, tag),
        says=f"{entry.entry_id} {row.version}",
    )


async def _readable(composing: Awaitable[T], id_: UUID) -> T | None:
    """What is composed; nothing when what it is made of doesn't open. That must not hold up the others."""
    try:
        return await composing
    except ForgottenError:
        return None
    except RejectedError as exc:
        structlog.get_logger().error("unreadable", entry=id_, code=exc.code, reason=str(exc))
        return None
