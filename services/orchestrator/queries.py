"""Answers to what services ask and wait for. Reads only; whatever a channel asks is scoped by its session."""

from __future__ import annotations

from contextlib import suppress
from typing import assert_never

from msgspec.structs import asdict

from schemas.media import MediaRef
from schemas.private import MediaKeys
from schemas.queries import (
    Answer,
    AskAttempt,
    AskHistory,
    AskMedia,
    AskWorkflow,
    AskWorkflows,
    AttemptFound,
    History,
    MediaFound,
    NotFound,
    Query,
    WorkflowFound,
    WorkflowsFound,
)
from schemas.replies import Entry
from services.common.db import Connection
from services.common.keys import Keyring
from services.common.seal import seal
from services.orchestrator import lookup, tables
from services.orchestrator.backend import able
from services.orchestrator.catalogue import Workflow
from services.orchestrator.composer import Composer
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.person_keys import ForgottenError, PersonKeys, key_of
from services.orchestrator.recall import Recall

NEEDS_SNAPSHOT = (AskHistory,)
"""What is answered from several rows that change; the others rest on one, or on what never changes."""


async def answer(
    conn: Connection, keyring: Keyring, recall: Recall, gatekeeper: Gatekeeper, question: Query
) -> Answer:
    """The answer, as of *conn*'s snapshot if it needs one."""
    match question:
        case AskHistory():
            composer = await Composer.of_snapshot(conn, keyring, recall, gatekeeper)
            return await _history(composer, conn, question)
        case AskMedia():
            return await _media(conn, keyring, question)
        case AskAttempt():
            return await _attempt(conn, question)
        case AskWorkflows():
            return WorkflowsFound(digests=await lookup.needed_workflows(conn))
        case AskWorkflow():
            return await _workflow(conn, question)
        case _:
            assert_never(question)


async def _history(composer: Composer, conn: Connection, question: AskHistory) -> History:
    jobs = await lookup.newest_jobs(conn, question.session_id, question.limit)
    answers = await lookup.newest_answers(conn, question.session_id, question.limit)
    newest = sorted([*jobs, *answers], key=lambda row: row[1].at)[-question.limit :]
    entries: list[Entry] = []
    for id_, asked in newest:
        with suppress(ForgottenError):  # others in the same chat are not forgotten with them
            if isinstance(asked, Job):
                entries.append(await composer.job_entry(id_, asked))
            else:
                entries.append(await composer.answer_entry(id_, asked))
    backends = await lookup.backends(conn)
    specs = await lookup.bound_specs(conn)
    return History(
        entries=tuple(entries),
        workflows=tuple(specs),
        able=tuple(sorted({spec.digest for spec in specs if able(backends, spec.digest)})),
        simulated=any(backend.last_seen.simulated for backend in backends),
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
    media = image.media
    if question.poster:
        if media.poster is None:
            return NotFound()
        media = MediaRef(**asdict(media.poster))
    key = key_of(opened.keys, media.media_id)
    return MediaFound(media=media, private=seal(keyring.transport, key, media.media_id))


async def _attempt(conn: Connection, question: AskAttempt) -> AttemptFound:
    job: Job | None = (await tables.load(conn, "job", question.job_id)).state
    wanted = job is not None and job.is_current(question.attempt) and job.status != "cancelling"
    return AttemptFound(wanted=wanted)


async def _workflow(conn: Connection, question: AskWorkflow) -> WorkflowFound | NotFound:
    workflow: Workflow | None = (await tables.load(conn, "workflow", question.digest)).state
    return NotFound() if workflow is None else WorkflowFound(definition=workflow.definition)
