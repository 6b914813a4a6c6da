"""Workflows in the log: imported, bound, upgraded, asked for; and what jobs mean by them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import partial
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace
from nats.js.errors import NotFoundError

from schemas import codec, subjects
from schemas.catalogue import WorkflowSpec
from schemas.commands import BindWorkflow, ImportWorkflow, RepeatJob, SessionRef, Target
from schemas.facts import WorkflowAnnounced
from schemas.queries import (
    AskHistory,
    AskWorkflow,
    AskWorkflows,
    History,
    NotFound,
    WorkflowFound,
    WorkflowsFound,
)
from services.orchestrator.replay import replay
from tests.builders import EDIT_SPEC, REPORT, SPEC
from tests.integration.orchestrator.studio import Studio, open_studio, secrets, speaker
from tests.servers import eventually

DEFINITION = '{"name":"mine"}'
MINE = replace(
    SPEC, name="mine", command="x", digest=hashlib.sha256(DEFINITION.encode()).hexdigest(), bounds={}
)
UPGRADED = replace(SPEC, digest="8" * 64, title="FLUX schnell, better")


@pytest.fixture
async def studio(postgres_url: str, nats_url: str) -> AsyncGenerator[Studio]:
    async with open_studio(postgres_url, nats_url) as opened:
        await opened.open_shop()
        yield opened


async def order(studio: Studio, body: ImportWorkflow | BindWorkflow) -> UUID:
    """What an operator's command line says."""
    return await studio.publish(subjects.inbox_operator(), body)


async def bound(studio: Studio, command: str, digest: str, by: str) -> None:
    """Wait until a command means a workflow."""

    async def is_bound() -> bool:
        found = await studio.fetchval("SELECT state FROM projection.command WHERE id = $1", command)
        state = msgspec.json.decode(found) if found else {}
        return (state.get("digest"), state.get("by")) == (digest, by)

    await eventually(is_bound)


async def able(studio: Studio, *specs: WorkflowSpec) -> None:
    """The only backend can do these, and nothing else."""
    await studio.observe(replace(REPORT, lacks={spec.digest: () for spec in specs}))


async def repeat(studio: Studio, ref: SessionRef, job_id: UUID) -> UUID:
    """Ask for a job once more; returns the new one's id."""
    again = uuid4()
    target = Target(job_id=job_id)
    await studio.say(
        ref, RepeatJob(session=ref, job_id=again, target=target, vary=False, private=secrets(again))
    )
    return again


async def test_an_imported_workflow_is_asked_for_and_offered(studio: Studio) -> None:
    """Registered, bound by the operator, in the list of what may be rendered; a channel learns of it."""
    await order(studio, ImportWorkflow(spec=MINE, definition=DEFINITION))
    await bound(studio, "x", MINE.digest, "operator")
    await able(studio, SPEC, EDIT_SPEC, MINE)
    history = await studio.ask("channel", AskHistory(session_id=uuid4()))
    job_id = await studio.ask_picture(speaker(), command="x")
    attempt = await studio.attempt()

    assert isinstance(history, History)
    assert ["f", "qwen", "x"] == [spec.command for spec in history.workflows]
    assert WorkflowFound(definition=DEFINITION) == await studio.ask(
        "renderer", AskWorkflow(digest=MINE.digest)
    )
    assert (job_id, MINE.digest) == (attempt.job_id, attempt.workflow)


async def test_the_list_of_what_may_be_rendered(studio: Studio) -> None:
    """What commands mean, what they meant not long before, and what unfinished jobs were asked of."""
    for digit in "abcdef":
        await studio.report(WorkflowAnnounced(spec=replace(SPEC, digest=digit * 64), definition="{}"))
    await bound(studio, "f", "f" * 64, "catalogue")
    later = await studio.ask("renderer", AskWorkflows())
    await able(studio, replace(SPEC, digest="f" * 64))
    await studio.ask_picture(speaker())
    await studio.attempt()
    for digit in "01234":
        await studio.report(WorkflowAnnounced(spec=replace(SPEC, digest=digit * 64), definition="{}"))
    await bound(studio, "f", "4" * 64, "catalogue")
    last = await studio.ask("renderer", AskWorkflows())

    assert WorkflowsFound(digests=(EDIT_SPEC.digest, *(digit * 64 for digit in "bcdef"))) == later
    assert WorkflowsFound(digests=(*(digit * 64 for digit in "01234"), EDIT_SPEC.digest, "f" * 64)) == last
    assert NotFound() == await studio.ask("renderer", AskWorkflow(digest="9" * 64))


async def test_an_upgrade_leaves_queued_jobs_what_they_are(studio: Studio) -> None:
    """A shipped workflow that changed is new and bound; who asked before it gets what was promised then."""
    ref = speaker()
    jobs = [await studio.ask_picture(ref) for _ in range(3)]  # two are with the backend, one waits
    orders = [await studio.attempt() for _ in range(2)]
    await studio.report(WorkflowAnnounced(spec=UPGRADED, definition="{}"))
    await bound(studio, "f", UPGRADED.digest, "catalogue")
    await able(studio, SPEC, EDIT_SPEC, UPGRADED)
    for each in orders:
        await studio.succeed(each)
    waited = await studio.attempt()
    after = await studio.ask_picture(ref)
    newest = await studio.attempt()

    assert (jobs[2], SPEC.digest) == (waited.job_id, waited.workflow)
    assert (after, UPGRADED.digest) == (newest.job_id, newest.workflow)


async def test_what_an_operator_bound_stays_until_it_is_given_back(studio: Studio) -> None:
    """No start of a renderer binds it anew; given back, the next upgrade does."""
    await order(studio, ImportWorkflow(spec=replace(MINE, command="f"), definition=DEFINITION))
    await bound(studio, "f", MINE.digest, "operator")
    await studio.report(WorkflowAnnounced(spec=UPGRADED, definition="{}"))
    await bound(studio, "f", MINE.digest, "operator")
    await order(studio, BindWorkflow(command="f", digest=SPEC.digest, by="catalogue"))
    await bound(studio, "f", SPEC.digest, "catalogue")
    await studio.report(WorkflowAnnounced(spec=UPGRADED, definition="{}"))
    await bound(studio, "f", UPGRADED.digest, "catalogue")


async def test_one_workflow_under_two_commands(studio: Studio) -> None:
    """Each is called what it was bound as."""
    await order(studio, BindWorkflow(command="flux", digest=SPEC.digest))
    await bound(studio, "flux", SPEC.digest, "operator")
    history = await studio.ask("channel", AskHistory(session_id=uuid4()))

    assert ["f", "flux", "qwen"] == [spec.command for spec in history.workflows]


async def test_a_repeated_job_is_what_it_was(studio: Studio) -> None:
    """After its command was bound to something else; and when nothing can do it any more, that something."""
    ref = speaker()
    first = await studio.ask_picture(ref)
    await studio.succeed(await studio.attempt())
    await order(studio, ImportWorkflow(spec=replace(MINE, command="f"), definition=DEFINITION))
    await bound(studio, "f", MINE.digest, "operator")
    await able(studio, SPEC, MINE)
    again = await repeat(studio, ref, first)
    same = await studio.attempt()
    await studio.succeed(same)
    await able(studio, MINE)
    once_more = await repeat(studio, ref, first)
    other = await studio.attempt()

    assert (again, SPEC.digest) == (same.job_id, same.workflow)
    assert (once_more, MINE.digest) == (other.job_id, other.workflow)
    assert (same.params.seed, None) == (other.params.seed, other.params.steps)


async def test_a_definition_under_a_wrong_digest_is_parked(studio: Studio) -> None:
    """It would take the name of another for ever; nothing is registered."""
    await order(studio, ImportWorkflow(spec=MINE, definition="{}"))

    async def reason() -> str:
        if not (await studio.bus.jetstream.stream_info(subjects.PARKED)).state.messages:
            return ""
        return ((await studio.bus.jetstream.get_msg(subjects.PARKED, 1)).headers or {})["Darkroom-Reason"]

    assert "digest-differs" == await eventually(reason)
    assert NotFound() == await studio.ask("renderer", AskWorkflow(digest=MINE.digest))


async def test_events_of_workflows_are_mirrored_and_replayed(studio: Studio) -> None:
    """What is in the log is on EVENTS, whole; and the rows can be made again."""
    await order(studio, ImportWorkflow(spec=MINE, definition=DEFINITION))
    await order(studio, BindWorkflow(command="f", digest=MINE.digest))
    await order(studio, BindWorkflow(command="f", digest="0" * 64))  # unknown: changes nothing
    await order(studio, BindWorkflow(command="f", digest=SPEC.digest))
    await bound(studio, "f", SPEC.digest, "operator")
    subject = subjects.event("workflow.registered.v1", f"workflow-{MINE.digest}")
    mirrored = await eventually(partial(_mirrored, studio, subject))
    report = await replay(studio.database_url, lambda _done, _all: None)

    recorded = codec.decode_recorded(mirrored)
    assert (MINE, DEFINITION) == (recorded.event.spec, recorded.event.definition)  # type: ignore[union-attr]
    assert report.holds


async def _mirrored(studio: Studio, subject: str) -> bytes | None:
    with suppress(NotFoundError):
        return (await studio.bus.jetstream.get_msg(subjects.EVENTS, subject=subject)).data
    return None
