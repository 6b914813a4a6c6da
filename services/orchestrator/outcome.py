"""What a renderer's facts, a channel's reports and a cancellation make of a job. Pure."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from msgspec import Struct

from schemas import facts, ids
from schemas.commands import ReportMediaMissing, ReportOutcomeShown, ReportStatusShown
from schemas.events.image import ImageRendered
from schemas.events.job import (
    AttemptFailed,
    CancelRequested,
    HostPurged,
    JobCancelled,
    JobFailed,
    JobStarted,
    JobSucceeded,
    OutcomeShown,
    StatusShown,
)
from schemas.events.session import ImageSelected
from schemas.facts import RenderCancelled, RenderFailed, RenderStarted, RenderSucceeded
from services.orchestrator import image, job, session
from services.orchestrator.ability import Why
from services.orchestrator.job import Job
from services.orchestrator.mark import Append
from services.orchestrator.retry import MAX_ATTEMPTS

JobFact = RenderStarted | RenderSucceeded | RenderFailed | RenderCancelled | facts.HostPurged
JobReport = ReportStatusShown | ReportOutcomeShown | ReportMediaMissing


class Cancel(Struct, frozen=True, kw_only=True):
    """Its person wants the job stopped."""


class GivenUp(Struct, frozen=True, kw_only=True):
    """The job waited too long, for a backend or with one that went away; ``is_final`` if that ends it."""

    why: Why
    is_final: bool


def decide(
    job_id: UUID,
    message: JobFact | JobReport | Cancel | GivenUp,
    now: Job,
    keys: tuple[bytes, ...] = (),
    *,
    is_hopeless: bool = False,
) -> list[Append]:
    """
    What *message* makes of the job as it is *now*; nothing when it comes late or twice.

    Args:
        job_id: The job.
        message: What was found or reported.
        now: The job's state.
        keys: For a success, each picture's sealed ``MediaKeys``; for a status, the sealed address.
        is_hopeless: Another attempt would fail as this one did.
    """
    here = job.stream(job_id)
    match message:
        case RenderStarted():
            if now.is_current(message.attempt) and now.status == "dispatched":
                return [Append(stream=here, event=JobStarted(attempt=message.attempt))]
        case RenderSucceeded():
            if now.is_current(message.attempt) and message.images:
                return _succeed(job_id, message, now, keys)
            if now.is_current(message.attempt):
                return [Append(stream=here, event=_fail("no-output", {}, now, retryable=True))]
        case RenderFailed():
            if now.is_current(message.attempt):
                retryable = message.retryable and not is_hopeless
                failed = _fail(message.code, message.details, now, retryable=retryable)
                return [Append(stream=here, event=failed)]
        case RenderCancelled():
            if now.is_current(message.attempt):
                # If nobody here asked for it, it was someone else's hand on the backend.
                return [Append(stream=here, event=_fail("interrupted-elsewhere", {}, now, retryable=True))]
        case facts.HostPurged():
            if message.attempt <= now.attempt and not now.is_purged(message.attempt):
                return [Append(stream=here, event=_purged(message))]
        case GivenUp():
            if not now.has_ended:
                why = message.why
                failed = _fail(why.code, why.details, now, retryable=not message.is_final)
                return [Append(stream=here, event=failed)]
        case Cancel():
            if now.status == "queued":
                return [Append(stream=here, event=JobCancelled())]
            if now.status in {"dispatched", "running"}:
                return [Append(stream=here, event=CancelRequested())]
        case ReportStatusShown():
            if now.message_ref != message.message_ref:
                shown = StatusShown(message_ref=message.message_ref, private=keys[0])
                return [Append(stream=here, event=shown)]
        case ReportOutcomeShown():
            if now.has_ended and not now.shown:
                return [Append(stream=here, event=OutcomeShown())]
        case ReportMediaMissing():
            if now.status == "succeeded" and now.attempt == message.attempt and not now.shown:
                return [Append(stream=here, event=_fail("media-missing", {}, now, retryable=True))]
        case _:
            assert_never(message)
    return []


def _purged(fact: facts.HostPurged) -> HostPurged:
    return HostPurged(
        attempt=fact.attempt,
        backend=fact.backend,
        files=fact.files,
        inputs=fact.inputs,
        history=fact.history,
    )


def _succeed(job_id: UUID, fact: RenderSucceeded, now: Job, keys: tuple[bytes, ...]) -> list[Append]:
    """The pictures join the tree, the job ends, and the first of them is what the next edit means."""
    asked = now.requested
    names = tuple(ids.image_id(job_id, fact.attempt, index) for index in range(len(fact.images)))
    pictures = [
        Append(
            stream=image.stream(name),
            event=ImageRendered(
                session_id=asked.session_id,
                person_id=asked.person_id,
                job_id=job_id,
                chain_id=asked.chain_id,
                parents=asked.inputs,
                command=asked.command,
                workflow=asked.workflow,
                params=now.params,
                media=media,
                private=key,
            ),
        )
        for name, media, key in zip(names, fact.images, keys, strict=True)
    ]
    done = JobSucceeded(attempt=fact.attempt, backend=fact.backend, images=names, timings=fact.timings)
    selected = [
        Append(stream=session.stream(asked.session_id), event=ImageSelected(image_id=name))
        for name in names[:1]
    ]
    return [*pictures, Append(stream=job.stream(job_id), event=done), *selected]


def _fail(
    code: str, details: dict[str, str], now: Job, *, retryable: bool
) -> AttemptFailed | JobFailed | JobCancelled:
    """An attempt without a picture: what was wanted if it was to be stopped, else another one or the end."""
    if now.status == "cancelling":
        return JobCancelled()
    if retryable and now.attempt < MAX_ATTEMPTS:
        return AttemptFailed(attempt=now.attempt, backend=now.backend, code=code, details=details)
    return JobFailed(attempt=now.attempt, code=code, details=details)
