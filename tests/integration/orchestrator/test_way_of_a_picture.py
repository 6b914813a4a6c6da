"""The way of one picture through the orchestrator, over real servers."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from schemas.commands import CancelJob, RepeatJob, ReportStatusShown, Target
from schemas.facts import HostPurged, RenderCancelled, RenderFailed
from schemas.private import DispatchSecrets, EntrySecrets, MediaKeys, MessageAddress
from schemas.queries import AskAttempt, AskHistory, AskMedia, AttemptFound, History, MediaFound, NotFound
from services.common.seal import seal_struct, unseal_struct
from services.orchestrator.replay import replay
from tests.builders import EDIT_SPEC, LACK, SPEC, uuid
from tests.integration.orchestrator.studio import KEYRING, Studio, open_studio, secrets, speaker, success


@pytest.fixture
async def studio(postgres_url: str, nats_url: str) -> AsyncGenerator[Studio]:
    async with open_studio(postgres_url, nats_url) as opened:
        yield opened


async def test_a_request_becomes_a_picture(studio: Studio) -> None:
    """Asked, queued, dispatched with its words sealed, rendered, shown: one job, one attempt."""
    await studio.open_shop()
    me = speaker()
    job_id = await studio.ask_picture(me, "an astronaut in a field")

    order = await studio.attempt()
    assert job_id == order.job_id
    assert SPEC.digest == order.workflow
    assert (1024, 4, 1) == (order.params.width_px, order.params.steps, order.params.count)
    assert order.params.seed is not None
    opened = unseal_struct(KEYRING.transport, order.private, job_id, DispatchSecrets)
    assert "an astronaut in a field" == opened.prompt

    await studio.succeed(order)
    done = await studio.entry(job_id, "done")
    assert 1 == len(done.pictures)
    shown = unseal_struct(KEYRING.transport, done.private, job_id, EntrySecrets)
    assert "/f an astronaut in a field" == shown.said
    assert MessageAddress(chat_id=1, message_id=10) == shown.asked_in

    await studio.outcome_shown(job_id, me)
    report = await replay(studio.database_url, lambda _done, _all: None)
    assert report.holds


async def test_asking_twice_is_asking_once(studio: Studio) -> None:
    """A command that is delivered again, or sent again under another message id, makes no second job."""
    await studio.open_shop()
    me = speaker()
    job_id = await studio.ask_picture(me)
    await studio.ask_picture(me, job_id=job_id)
    await studio.succeed(await studio.attempt())
    await studio.entry(job_id, "done")

    assert 1 == await studio.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.requested.v1'")
    assert 1 == await studio.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.dispatched.v1'")


async def test_an_edit_means_the_current_picture(studio: Studio) -> None:
    """`/qwen` without a reply edits what came last, in the same chain, and the result comes last then."""
    await studio.open_shop()
    me = speaker()
    first = await studio.ask_picture(me)
    order = await studio.attempt()
    made = await studio.succeed(order)
    await studio.entry(first, "done")
    for _ in range(2):
        edit = await studio.ask_picture(me, "a goose t-shirt", command="qwen")
        order = await studio.attempt()
        assert made.images == order.inputs
        assert first == order.chain_id
        made = await studio.succeed(order)
        await studio.entry(edit, "done")


async def test_a_reply_to_an_old_picture_branches(studio: Studio) -> None:
    """What is replied to is found by the message that shows it, and another session doesn't find it."""
    await studio.open_shop()
    me, stranger = speaker(1), speaker(2)
    first = await studio.ask_picture(me)
    made = await studio.succeed(await studio.attempt())
    await studio.entry(first, "done")
    address = seal_struct(KEYRING.transport, MessageAddress(chat_id=1, message_id=77), first)
    await studio.say(me, ReportStatusShown(job_id=first, message_ref=uuid(77), private=address))
    await studio.job_is(first, "message_ref", str(uuid(77)))
    second = await studio.ask_picture(me)
    await studio.succeed(await studio.attempt())
    await studio.entry(second, "done")

    target = Target(message_ref=uuid(77))
    await studio.ask_picture(me, command="qwen", target=target)
    assert made.images == (await studio.attempt()).inputs

    refused = await studio.ask_picture(stranger, command="qwen", target=target)
    assert "unknown-picture" == (await studio.entry(refused, "answered")).code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"command": "qwen"}, "no-picture"),
        ({"command": "nonsense"}, "unknown-command"),
    ],
)
async def test_what_cannot_be_done_is_refused(studio: Studio, changed: dict[str, str], code: str) -> None:
    """A refusal is one answer, and no job comes of it."""
    await studio.open_shop()
    entry_id = await studio.ask_picture(speaker(), **changed)

    assert code == (await studio.entry(entry_id, "answered")).code
    assert 0 == await studio.fetchval("SELECT count(*) FROM projection.job")


async def test_a_backend_without_the_model_is_named(studio: Studio) -> None:
    """The refusal names the model that is missing and the backend it is missing on."""
    await studio.open_shop(lacks={SPEC.digest: (LACK,), EDIT_SPEC.digest: ()})
    entry = await studio.entry(await studio.ask_picture(speaker()), "answered")

    assert "missing-model" == entry.code
    assert (LACK.name, "gpu") == (entry.details["model"], entry.details["backend"])


async def test_a_backend_that_is_off_is_said(studio: Studio) -> None:
    """With every backend off nothing is queued, and the refusal says so."""
    await studio.open_shop(reachable=False)

    entry = await studio.entry(await studio.ask_picture(speaker()), "answered")
    assert "backend-unreachable" == entry.code


async def test_a_failure_is_tried_again_and_then_said(studio: Studio) -> None:
    """A retryable failure goes back into the queue; after the last attempt the person is told."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker())
    for attempt in (1, 2, 3):
        order = await studio.attempt(timeout_s=20)
        assert attempt == order.attempt
        failed = RenderFailed(
            job_id=job_id, attempt=attempt, backend="gpu", code="out-of-memory", retryable=True
        )
        await studio.report(failed)
        await studio.report(failed)

    assert "out-of-memory" == (await studio.entry(job_id, "failed")).code


async def test_a_result_that_does_not_open_is_made_again(studio: Studio) -> None:
    """Put aside, it would leave the job with its backend for good."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker())
    order = await studio.attempt()
    await studio.report(replace(success(order), private=b"not sealed at all"))
    again = await studio.attempt(timeout_s=20)
    await studio.report(
        replace(success(again), private=seal_struct(KEYRING.transport, MediaKeys(keys={}), job_id))
    )
    last = await studio.attempt(timeout_s=20)
    await studio.succeed(last)

    assert (2, 3) == (again.attempt, last.attempt)
    assert 1 == len((await studio.entry(job_id, "done")).pictures)


async def test_cancelling_a_running_job(studio: Studio) -> None:
    """It shows as cancelling until the renderer has looked; meanwhile its attempt isn't wanted any more."""
    await studio.open_shop()
    me = speaker()
    job_id = await studio.ask_picture(me)
    order = await studio.attempt()
    question = AskAttempt(job_id=job_id, attempt=1)
    assert AttemptFound(wanted=True) == await studio.ask("renderer", question)

    entry_id = uuid(500)
    await studio.say(me, CancelJob(session=me, entry_id=entry_id, target=Target(), private=secrets(entry_id)))
    assert order.prompt_id == (await studio.cancellation()).prompt_id
    await studio.entry(job_id, "cancelling")
    assert AttemptFound(wanted=False) == await studio.ask("renderer", question)

    await studio.report(RenderCancelled(job_id=job_id, attempt=1))
    await studio.entry(job_id, "cancelled")


async def test_nobody_cancels_anothers_job(studio: Studio) -> None:
    """Pointing at a job of another session finds nothing to cancel."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker(1))
    await studio.attempt()
    stranger, entry_id = speaker(2), uuid(501)
    await studio.say(
        stranger,
        CancelJob(
            session=stranger, entry_id=entry_id, target=Target(job_id=job_id), private=secrets(entry_id)
        ),
    )

    assert "nothing-to-cancel" == (await studio.entry(entry_id, "answered")).code
    await studio.job_is(job_id, "status", "dispatched")


async def test_in_a_group_each_stops_their_own(studio: Studio) -> None:
    """Who presses Cancel under another's picture in the same chat is told whose it is."""
    await studio.open_shop()
    asker, other = speaker(1), speaker(1, person=9)
    job_id = await studio.ask_picture(asker)
    await studio.attempt()
    for entry_id, target, code in (
        (uuid(503), Target(job_id=job_id), "not-your-job"),
        (uuid(504), Target(), "nothing-to-cancel"),
    ):
        command = CancelJob(session=other, entry_id=entry_id, target=target, private=secrets(entry_id))
        await studio.say(other, command)
        assert code == (await studio.entry(entry_id, "answered")).code
    await studio.job_is(job_id, "status", "dispatched")


async def test_varying_repeats_the_words_with_another_seed(studio: Studio) -> None:
    """`/vary` asks with the same words and inputs, and draws a seed."""
    await studio.open_shop()
    me = speaker()
    await studio.ask_picture(me, "a lighthouse")
    first = await studio.attempt()
    await studio.succeed(first)
    again = uuid(502)
    await studio.say(
        me, RepeatJob(session=me, job_id=again, target=Target(), vary=True, private=secrets(again))
    )

    order = await studio.attempt()
    assert again == order.job_id
    assert "a lighthouse" == unseal_struct(KEYRING.transport, order.private, again, DispatchSecrets).prompt
    assert first.params.seed != order.params.seed


async def test_questions_are_scoped_by_session(studio: Studio) -> None:
    """A session sees its own entries and opens its own pictures; another's are not found."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker(1))
    await studio.succeed(await studio.attempt())
    image_id = (await studio.entry(job_id, "done")).pictures[0].image_id
    mine, other = speaker(1).session_id, speaker(2).session_id

    history: History = await studio.ask("channel", AskHistory(session_id=mine))
    assert [job_id] == [entry.entry_id for entry in history.entries]
    assert ["f", "qwen"] == [spec.command for spec in history.workflows]
    nothing: History = await studio.ask("channel", AskHistory(session_id=other))
    assert () == nothing.entries
    assert isinstance(await studio.ask("channel", AskMedia(session_id=mine, image_id=image_id)), MediaFound)
    assert NotFound() == await studio.ask("channel", AskMedia(session_id=other, image_id=image_id))


async def test_a_purge_is_recorded_and_nobody_is_told(studio: Studio) -> None:
    """That the host deleted what a job left stands in the log once, and makes no reply due."""
    await studio.open_shop()
    me = speaker(1)
    job_id = await studio.ask_picture(me)
    order = await studio.attempt()
    await studio.succeed(order)
    await studio.entry(job_id, "done")
    await studio.outcome_shown(job_id, me)
    replies = await studio.fetchval("SELECT state FROM projection.job WHERE id = $1", str(job_id))
    fact = HostPurged(job_id=job_id, attempt=1, backend="gpu", files=1, inputs=0, history=True)
    for _ in range(2):
        await studio.report(fact)
    await studio.job_is(job_id, "state::json->>'purged'", "[1]")

    events = "SELECT count(*) FROM event_log WHERE stream = $1 AND type = 'job.host_purged.v1'"
    assert 1 == await studio.fetchval(events, f"job-{job_id}")
    assert "purged" not in replies
    await studio.job_is(job_id, "is_due", value=False)
