"""Answers to what services ask and wait for. Reads only; whatever a channel asks is scoped by its session."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from schemas.private import MediaKeys
from schemas.queries import (
    Answer,
    AskAttempt,
    AskHistory,
    AskMedia,
    AttemptFound,
    History,
    MediaFound,
    NotFound,
    Query,
)
from services.common.db import Connection
from services.common.keys import Keyring
from services.common.seal import seal
from services.orchestrator import event_log, lookup, tables
from services.orchestrator.catalogue import able
from services.orchestrator.composer import Composer
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.person_keys import ForgottenError, PersonKeys

_MOST_ENTRIES = 200


async def answer(conn: Connection, keyring: Keyring, question: Query, now: datetime) -> Answer:
    """The answer as of now, in the reader's transaction."""
    match question:
        case AskHistory():
            return await _history(conn, keyring, question, now)
        case AskMedia():
            return await _media(conn, keyring, question)
        case AskAttempt():
            return await _attempt(conn, question)
        case _:
            assert_never(question)


async def _history(conn: Connection, keyring: Keyring, question: AskHistory, now: datetime) -> History:
    limit = min(question.limit, _MOST_ENTRIES)
    composer = Composer(conn, keyring, version=await event_log.head(conn), now=now)
    entries = []
    try:
        entries = [
            *[
                await composer.job_entry(*row)
                for row in await lookup.newest_jobs(conn, question.session_id, limit)
            ],
            *[
                await composer.answer_entry(*row)
                for row in await lookup.newest_answers(conn, question.session_id, limit)
            ],
        ]
    except ForgottenError:
        entries = []
    entries.sort(key=lambda entry: entry.at)
    backends = await lookup.backends(conn)
    specs = [workflow.spec for workflow in await lookup.bound_workflows(conn)]
    return History(
        entries=tuple(entries[-limit:]),
        workflows=tuple(spec for spec in specs if able(backends, spec.digest)),
        simulated=any(backend.report.simulated for backend in backends),
    )


async def _media(conn: Connection, keyring: Keyring, question: AskMedia) -> MediaFound | NotFound:
    image: Image | None = (await tables.load(conn, "image", question.image_id)).state
    if image is None or image.session_id != question.session_id:
        return NotFound()
    try:
        opened = await PersonKeys(conn, keyring).open(
            image.person_id, image.private, question.image_id, MediaKeys
        )
    except ForgottenError:
        return NotFound()
    media_id = image.media.media_id
    return MediaFound(media=image.media, private=seal(keyring.transport, opened.keys[media_id], media_id))


async def _attempt(conn: Connection, question: AskAttempt) -> AttemptFound:
    job: Job | None = (await tables.load(conn, "job", question.job_id)).state
    wanted = job is not None and job.is_current(question.attempt) and job.status != "cancelling"
    return AttemptFound(wanted=wanted)
