"""Entries: jobs and answers as a channel is to show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from schemas.private import Address, EntrySecrets, MessageAddress, RequestSecrets
from schemas.replies import Entry, Picture, Status
from services.orchestrator.answer import Answer
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.job import Status as JobStatus

_STATUS: dict[JobStatus, Status] = {
    "queued": "queued",
    "dispatched": "preparing",
    "running": "running",
    "cancelling": "cancelling",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def job_entry(
    job_id: UUID,
    job: Job,
    images: Mapping[UUID, Image],
    private: bytes,
    *,
    title: str,
    version: int,
    position: int,
    eta_s: float,
    simulated: bool,
) -> Entry:
    """A job as it stands at log position *version*; an ended one needs no place in line."""
    return Entry(
        entry_id=job_id,
        session_id=job.requested.session_id,
        version=version,
        at=job.at,
        status=_STATUS[job.status],
        code=job.code,
        details={**job.details, "smaller": "1"} if job.is_smaller else job.details,
        command=job.requested.command,
        title=title,
        params=job.params,
        position=position,
        eta_s=eta_s,
        attempt=job.attempt,
        simulated=simulated,
        inputs=pictures(job.requested.inputs, images),
        pictures=pictures(job.images, images),
        private=private,
    )


def answer_entry(
    entry_id: UUID, answer: Answer, images: Mapping[UUID, Image], private: bytes, *, version: int
) -> Entry:
    """An answer."""
    return Entry(
        entry_id=entry_id,
        session_id=answer.given.session_id,
        version=version,
        at=answer.at,
        status="answered",
        code=answer.given.code,
        details=answer.given.details,
        pictures=pictures(answer.given.images, images),
        private=private,
    )


def pictures(names: tuple[UUID, ...], images: Mapping[UUID, Image]) -> tuple[Picture, ...]:
    """Images by name, as far as they are known."""
    return tuple(Picture(image_id=name, media=images[name].media) for name in names if name in images)


def entry_secrets(asked: RequestSecrets, chat: Address, shown_in: MessageAddress) -> EntrySecrets:
    """What a channel needs to know to show an entry, out of what was asked."""
    return EntrySecrets(said=asked.words.said, chat=chat, asked_in=asked.asked_in, shown_in=shown_in)
