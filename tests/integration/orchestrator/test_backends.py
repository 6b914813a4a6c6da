"""Backends that go away, break, run out of memory, or whose renderer dies."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from schemas import subjects
from schemas.catalogue import BackendReport
from schemas.commands import CancelJob, Target
from schemas.dispatch import RenderAttempt
from schemas.facts import RenderFailed
from schemas.queries import AskAttempt, AttemptFound
from services.common.bus import connect
from services.common.db import open_pool
from services.orchestrator import service
from services.orchestrator.inbox import SOURCE
from services.orchestrator.recall import Recall
from services.orchestrator.replay import replay
from services.orchestrator.roll_call import SILENT, RollCall
from services.orchestrator.writer import Writer
from tests.builders import DIGEST, REPORT
from tests.integration.orchestrator.studio import Studio, open_studio, secrets, speaker
from tests.servers import eventually

OFF = BackendReport(backend="gpu", reachable=False, reason="backend-refused")
OTHER = replace(REPORT, backend="other")


class Clock:
    """The time, and what of it was skipped."""

    def __init__(self) -> None:
        self.skipped = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def skip(self, seconds: float) -> None:
        self.skipped += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The orchestrator's."""
    made = Clock()
    monkeypatch.setattr(service, "now", made)
    return made


@pytest.fixture
async def studio(postgres_url: str, nats_url: str, clock: Clock) -> AsyncGenerator[Studio]:
    async with open_studio(postgres_url, nats_url) as opened:
        yield opened
        assert (await replay(postgres_url, lambda _done, _all: None)).holds


async def fails(studio: Studio, order: RenderAttempt, code: str) -> None:
    """Play a renderer whose attempt failed."""
    failed = RenderFailed(
        job_id=order.job_id, attempt=order.attempt, backend=order.backend, code=code, retryable=True
    )
    await studio.report(failed)


async def test_what_is_asked_while_a_backend_restarts_waits_for_it(studio: Studio) -> None:
    """It was found away a moment ago: the job is taken, says what it waits for, and starts by itself."""
    await studio.open_shop()
    await studio.observe(OFF)
    job_id = await studio.ask_picture(speaker())

    assert "queued" == (await studio.entry_with(job_id, "waiting-for-backend")).status
    await studio.observe(REPORT)
    assert job_id == (await studio.attempt()).job_id


async def test_a_backend_that_stays_away_is_refused(studio: Studio, clock: Clock) -> None:
    """Half a minute later nobody counts on it."""
    await studio.open_shop()
    await studio.observe(OFF)
    clock.skip(31)
    job_id = await studio.ask_picture(speaker())

    assert "backend-unreachable" == (await studio.entry(job_id, "answered")).code


async def test_a_job_does_not_wait_for_ever(studio: Studio, clock: Clock) -> None:
    """After its patience it fails, and says what it waited for."""
    await studio.open_shop()
    await studio.observe(OFF)
    job_id = await studio.ask_picture(speaker())
    await studio.entry(job_id, "queued")
    clock.skip(901)

    failed = await studio.entry(job_id, "failed")
    assert ("backend-unreachable", {"backend": "gpu"}) == (failed.code, failed.details)


async def test_an_attempt_is_taken_from_a_lost_backend(studio: Studio, clock: Clock) -> None:
    """It goes elsewhere, and what may still run there is stopped when that comes back."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker())
    first = await studio.attempt()
    await studio.observe(OTHER)
    await studio.observe(OFF)
    clock.skip(61)
    await studio.observe(OTHER)

    second = await studio.attempt("other", timeout_s=20)
    assert (job_id, 2) == (second.job_id, second.attempt)
    assert first.prompt_id == (await studio.cancellation()).prompt_id
    old, new = (AskAttempt(job_id=job_id, attempt=attempt) for attempt in (1, 2))
    assert AttemptFound(wanted=False) == await studio.ask("renderer", old)
    assert AttemptFound(wanted=True) == await studio.ask("renderer", new)
    await studio.succeed(first)
    made = await studio.succeed(second)
    done = await studio.entry(job_id, "done")
    assert [made.images[0].media_id] == [picture.media.media_id for picture in done.pictures]


async def test_an_attempt_stays_with_the_only_backend(studio: Studio, clock: Clock) -> None:
    """For as long as a job waits in the queue; then it fails, and is stopped if it still runs."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker())
    order = await studio.attempt()
    await studio.observe(OFF)
    clock.skip(600)
    question = AskAttempt(job_id=job_id, attempt=1)
    assert AttemptFound(wanted=True) == await studio.ask("renderer", question)
    clock.skip(301)

    assert "backend-unreachable" == (await studio.entry(job_id, "failed")).code
    assert order.prompt_id == (await studio.cancellation()).prompt_id
    assert 1 == await studio.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.dispatched.v1'")


async def test_a_cancellation_on_a_lost_backend_ends(studio: Studio, clock: Clock) -> None:
    """Nobody may be left to confirm it."""
    await studio.open_shop()
    me = speaker()
    job_id = await studio.ask_picture(me)
    await studio.attempt()
    entry_id = uuid4()
    await studio.say(me, CancelJob(session=me, entry_id=entry_id, target=Target(), private=secrets(entry_id)))
    await studio.entry(job_id, "cancelling")
    await studio.observe(OFF)
    clock.skip(61)

    await studio.entry(job_id, "cancelled")


async def test_a_wedged_backend_is_left_alone_and_then_tried(studio: Studio, clock: Clock) -> None:
    """One job at a time after the cool-down; a finished one closes the breaker."""
    await studio.open_shop()
    jobs = [await studio.ask_picture(speaker(number)) for number in (1, 2, 3)]
    orders = [await studio.attempt() for _ in range(2)]
    for order in orders:
        await fails(studio, order, "backend-wedged")
    for job_id in jobs:
        await studio.job_is(job_id, "status", "queued")
    assert jobs[2:] == await _never_dispatched(studio, jobs)
    clock.skip(31)
    await studio.observe(REPORT)

    probe = await studio.attempt()
    await studio.job_is(probe.job_id, "status", "dispatched")
    assert 1 == await _in_flight(studio)
    await studio.succeed(probe)
    for order in [await studio.attempt() for _ in range(2)]:
        await studio.succeed(order)
    for job_id in jobs:
        await studio.entry(job_id, "done")
    for kind, count in (("faulted", 2), ("proved", 1)):
        assert count == await studio.fetchval(
            "SELECT count(*) FROM event_log WHERE type = $1", f"backend.{kind}.v1"
        )


async def _never_dispatched(studio: Studio, jobs: list[UUID]) -> list[UUID]:
    never = "SELECT dispatched_at IS NULL FROM projection.job WHERE id = $1"
    return [job_id for job_id in jobs if await studio.fetchval(never, str(job_id))]


async def _in_flight(studio: Studio) -> int:
    return await studio.fetchval(
        "SELECT count(*) FROM projection.job WHERE backend <> '' AND render_s IS NULL"
    )


async def test_memory_that_does_not_suffice(studio: Studio, clock: Clock) -> None:
    """Freed first, then rendered smaller, and said so."""
    await studio.open_shop(lacks={DIGEST: ()})
    job_id = await studio.ask_picture(speaker())
    orders: list[RenderAttempt] = []
    for _ in range(2):
        orders.append(await studio.attempt())
        await fails(studio, orders[-1], "out-of-memory")
        await studio.job_is(job_id, "status", "queued")
        clock.skip(5)
    orders.append(await studio.attempt())

    assert [False, True, True] == [order.free_memory for order in orders]
    assert [1024, 1024, 720] == [order.params.width_px for order in orders]
    await studio.succeed(orders[-1])
    done = await studio.entry(job_id, "done")
    assert (720, {"smaller": "1"}) == (done.params.width_px, done.details)


async def test_a_renderer_that_died_is_missed(studio: Studio, clock: Clock) -> None:
    """Nothing was heard of its backend: it is away until it is reported again, with whatever report."""
    await studio.open_shop()
    clock.skip(SILENT.total_seconds())

    async def is_away() -> bool:
        state = await studio.fetchval("SELECT state FROM projection.backend")
        return '"renderer-away"' in state

    await eventually(is_away)
    job_id = await studio.ask_picture(speaker())
    await studio.entry_with(job_id, "waiting-for-backend")
    await studio.observe(REPORT)
    assert job_id == (await studio.attempt()).job_id


async def test_nobody_is_missed_who_could_not_be_heard(postgres_url: str, nats_url: str) -> None:
    """Not by an orchestrator that has just begun to listen, nor while there are messages left to handle."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
    pool, bus, clock = await open_pool(postgres_url), await connect(nats_url, "orchestrator"), Clock()
    clock.skip(10 * SILENT.total_seconds())
    roll_call = RollCall(pool, Writer(pool, Recall()), bus, SOURCE.durable, clock)
    studio = Studio(bus, pool, postgres_url)

    async def found_away() -> int:
        await roll_call.look()
        return await studio.fetchval(
            "SELECT count(*) FROM event_log WHERE data LIKE '%renderer-away%'::bytea"
        )

    assert 0 == await found_away()
    clock.skip(SILENT.total_seconds())
    await studio.ask_picture(speaker())
    assert 0 == await found_away()
    await bus.jetstream.purge_stream(subjects.INBOX)
    assert 1 == await found_away()
    assert 1 == await found_away()
    await bus.close()
    await pool.close()
