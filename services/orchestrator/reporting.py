"""What renderers found and channels showed: each handler records what follows for the log."""

from __future__ import annotations

import structlog

from schemas.commands import ReportAnswerShown, ReportMediaMissing, ReportOutcomeShown, ReportStatusShown
from schemas.events.answer import AnswerShown
from schemas.facts import (
    BackendReported,
    EgressChecked,
    HostPurged,
    RenderCancelled,
    RenderFailed,
    RenderStarted,
    RenderSucceeded,
)
from schemas.ids import image_id
from schemas.private import MediaKeys, MessageAddress
from services.common.seal import UnsealError
from services.orchestrator import answer, backend, egress, gatekeeper, job, outcome, retry, roll_call
from services.orchestrator.backend import Backend
from services.orchestrator.blame import blame
from services.orchestrator.desk import Desk
from services.orchestrator.egress import Egress
from services.orchestrator.job import Job
from services.orchestrator.mark import Append
from services.orchestrator.person_keys import KeyMissingError, key_of

JobMessage = (
    RenderStarted
    | RenderSucceeded
    | RenderFailed
    | RenderCancelled
    | HostPurged
    | ReportStatusShown
    | ReportOutcomeShown
    | ReportMediaMissing
)


async def job_message(message: JobMessage, desk: Desk) -> None:
    """Something was found or shown of a job."""
    now = await desk.job(message.job_id)
    if now is None:
        structlog.get_logger().warning("unknown job", job=message.job_id, message_type=type(message).__name__)
        return
    sealed: tuple[bytes, ...] = ()
    if isinstance(message, RenderSucceeded):
        try:
            sealed = await _picture_keys(message, now, desk)
        except (UnsealError, KeyMissingError) as exc:
            # Parked, it would leave the job with its backend for good; pictures without keys are lost ones.
            structlog.get_logger().error("pictures without keys", job=message.job_id, code=exc.code)
            message = _lost(message)
    elif isinstance(message, ReportStatusShown):
        address = desk.keys.open_transport(message.private, message.job_id, MessageAddress)
        sealed = (await desk.keys.seal(now.requested.person_id, address, message.job_id),)
    is_hopeless = False
    if isinstance(message, RenderFailed):
        is_hopeless = await _is_hopeless(message, now, desk)
    judged: list[Append] = []
    if isinstance(message, RenderFailed | RenderSucceeded):
        where = await desk.ledger.state(Backend, backend.stream(now.backend)) if now.backend else None
        judged = blame(message.job_id, message, now, where)
    decided = outcome.decide(message.job_id, message, now, sealed, is_hopeless=is_hopeless)
    await desk.ledger.record([*decided, *judged])


def _lost(fact: RenderSucceeded) -> RenderFailed:
    return RenderFailed(
        job_id=fact.job_id, attempt=fact.attempt, backend=fact.backend, code="media-missing", retryable=True
    )


async def _is_hopeless(fact: RenderFailed, now: Job, desk: Desk) -> bool:
    if fact.code != job.OUT_OF_MEMORY:
        return False
    spec = await desk.spec_of(now.requested.workflow, now.requested.command)
    return retry.is_hopeless(fact.code, now, spec, await desk.ledger.rows.backends())


async def _picture_keys(fact: RenderSucceeded, now: Job, desk: Desk) -> tuple[bytes, ...]:
    """Each medium's key and its poster's, from the renderer's message into the log, sealed for the person."""
    opened = desk.keys.open_transport(fact.private, fact.job_id, MediaKeys)
    sealed: list[bytes] = []
    for index, media in enumerate(fact.images):
        name = image_id(fact.job_id, fact.attempt, index)
        parts = [media.media_id, *([media.poster.media_id] if media.poster else [])]
        keys = MediaKeys(keys={part: key_of(opened.keys, part) for part in parts})
        sealed.append(await desk.keys.seal(now.requested.person_id, keys, name))
    return tuple(sealed)


async def answer_shown(report: ReportAnswerShown, desk: Desk) -> None:
    """A channel showed an answer."""
    given = await desk.answer(report.entry_id)
    if given is None or given.shown or given.given.session_id != report.session_id:
        return
    await desk.ledger.record([Append(stream=answer.stream(report.entry_id), event=AnswerShown())])


async def backend_reported(fact: BackendReported, desk: Desk) -> None:
    """A renderer has looked at a backend."""
    name = fact.report.backend
    await roll_call.heard(desk.ledger.conn, name, desk.ledger.at, fact.queued)
    before = await desk.ledger.state(Backend, backend.stream(name))
    await desk.ledger.record(backend.observe(fact.report, before))


async def egress_checked(fact: EgressChecked, desk: Desk) -> None:
    """A process has looked whether anything of it goes around the tunnel."""
    await gatekeeper.note(desk.ledger.conn, fact, desk.ledger.at)
    before = await desk.ledger.state(Egress, egress.stream(fact.position))
    news = egress.observe(fact, before)
    await desk.ledger.record(news)
    if news and fact.verdict == "leaked":
        jobs = await desk.ledger.rows.unfinished()
        structlog.get_logger().error(
            "egress",
            position=fact.position,
            mode=fact.mode,
            code=fact.code,
            details=fact.details,
            in_flight=sum(one.status != "queued" for one in jobs),
        )
