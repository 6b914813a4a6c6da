"""What the orchestrator does when what it stands on goes away, and when it goes away itself."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from msgspec.structs import replace

from schemas import subjects
from services.common import db
from services.common.db import connection, open_pool, transaction
from services.common.errors import UnavailableError, VersionConflictError
from services.orchestrator import event_log, tables
from services.orchestrator.event_log import NewEvent, StreamVersionError
from services.orchestrator.migration import migrate
from services.orchestrator.replay import replay
from tests.builders import AT, EVENTS, REPORT
from tests.integration.orchestrator.studio import LIMITS, open_studio, speaker
from tests.servers import eventually

NO_ROWS = tables.upserts({})


async def test_jetstream_emptied_loses_no_outcome(postgres_url: str, nats_url: str) -> None:
    """After NATS lost everything, what was in flight is dispatched again and what was due is shown again."""
    me = speaker()
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        done = await studio.ask_picture(me)
        await studio.succeed(await studio.attempt())
        await studio.job_is(done, "status", "succeeded")
        in_flight = await studio.ask_picture(me)
        await studio.job_is(in_flight, "status", "dispatched")
        for name in (subjects.RENDER, subjects.REPLIES, subjects.INBOX):
            await studio.bus.jetstream.delete_stream(name)

    async with open_studio(postgres_url, nats_url) as studio:
        assert in_flight == (await studio.attempt()).job_id
        await studio.entry(done, "done")


async def test_a_restart_goes_on_where_it_was(postgres_url: str, nats_url: str) -> None:
    """What came while the orchestrator was away is handled when it is back, once."""
    me = speaker()
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        first = await studio.ask_picture(me)
        order = await studio.attempt()
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.succeed(order)
        await studio.entry(first, "done")
        assert 1 == await studio.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.dispatched.v1'")


async def test_a_backend_that_goes_off_keeps_the_queue(postgres_url: str, nats_url: str) -> None:
    """Jobs that were taken wait, and go on when it is back."""
    me = speaker()
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        jobs = [await studio.ask_picture(me) for _ in range(3)]
        orders = [await studio.attempt() for _ in range(2)]
        await studio.observe(replace(REPORT, reachable=False, reason="backend-refused", lacks={}))
        for order in orders:
            await studio.succeed(order)
        await studio.job_is(jobs[2], "status", "queued")
        waiting = await studio.entry_with(jobs[2], "waiting-for-backend")
        assert {"backend": "gpu"} == waiting.details
        await studio.observe(REPORT)

        assert jobs[2] == (await studio.attempt()).job_id


async def test_the_queue_is_capped_for_each_person(postgres_url: str, nats_url: str) -> None:
    """Who has too many unfinished jobs is told, and another person is not held up."""
    async with open_studio(postgres_url, nats_url, limits=replace(LIMITS, open_jobs=2)) as studio:
        await studio.open_shop()
        for _ in range(2):
            await studio.ask_picture(speaker(1))
        refused = await studio.ask_picture(speaker(1))
        taken = await studio.ask_picture(speaker(2))

        assert "queue-full" == (await studio.entry(refused, "answered")).code
        await studio.entry(taken, "queued")


async def test_the_log_refuses_to_be_changed(postgres_url: str, nats_url: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
    conn = await db.connect(postgres_url)
    for statement in (
        "UPDATE event_log SET type = 'x'",
        "DELETE FROM event_log",
        "TRUNCATE event_log",
    ):
        with pytest.raises(Exception, match="append-only"):
            await conn.execute(statement)
    await conn.close()


async def test_a_changed_projection_is_found_by_replay(postgres_url: str, nats_url: str) -> None:
    """Replay tells which table differs from the log, and leaves it as it is."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        await studio.fetchval(
            "UPDATE projection.backend SET state = replace(state, 'cpu', 'gpu') RETURNING 1"
        )
    for _ in range(2):
        report = await replay(postgres_url, lambda _done, _all: None)
        assert not report.holds
        assert ["backend"] == [name for name, equal in report.tables.items() if not equal]


async def test_appends_from_many_writers_leave_no_gap_and_skip_no_reader(postgres_url: str) -> None:
    """Positions are given out in the order of commits: a reader that tails them sees every event."""
    pool = await open_pool(postgres_url, size=10)
    async with connection(pool) as conn:
        await migrate(conn)
    writers, each = 6, 25
    seen: list[int] = []

    async def write(stream: str) -> None:
        for version in range(1, each + 1):
            new = NewEvent(stream, version, uuid4(), EVENTS[5])
            async with transaction(pool) as conn:
                after = await event_log.open_log(conn)
                await event_log.append(conn, [new], NO_ROWS, after=after, cause=uuid4(), at=AT)

    async def tail() -> bool:
        async with connection(pool) as conn:
            found = await event_log.read(conn, seen[-1] if seen else 0, 1000)
        seen.extend(record.position for record in found)
        return len(seen) == writers * each

    async with asyncio.TaskGroup() as group:
        group.create_task(eventually(tail, timeout_s=60))
        for number in range(writers):
            group.create_task(write(f"job-{number}"))
    assert list(range(1, writers * each + 1)) == seen

    async with connection(pool) as conn:
        head = await event_log.head(conn)
    moved = replace(head, position=head.position - 1)
    other = replace(head, hash=b"another history")
    for after, version, error in (
        (head, 3, StreamVersionError),
        (moved, each + 1, VersionConflictError),
        (other, each + 1, VersionConflictError),
    ):
        new = NewEvent("job-0", version, uuid4(), EVENTS[5])
        async with connection(pool) as conn:
            with pytest.raises(error):
                await event_log.append(conn, [new], NO_ROWS, after=after, cause=uuid4(), at=AT)
    await pool.close()


async def test_no_postgres_is_an_error_to_try_again() -> None:
    """A database that does not answer is unavailable, not a bug."""
    with pytest.raises(UnavailableError):
        await db.connect("postgresql://nobody@127.0.0.1:9/nothing")
