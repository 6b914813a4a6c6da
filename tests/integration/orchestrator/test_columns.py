"""What scheduling reads of the jobs, as columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from schemas.events import Event
from schemas.events.job import AttemptFailed, JobDispatched, JobRequested, JobSucceeded
from services.common.db import Connection, connection, open_pool
from services.orchestrator import line, speed, unfinished
from services.orchestrator.fairness import Served, Waiting
from services.orchestrator.ledger import Ledger
from services.orchestrator.mark import Append
from services.orchestrator.migration import migrate
from services.orchestrator.recall import Recall
from services.orchestrator.unfinished import Unfinished
from services.orchestrator.writer import Writer
from tests.builders import AT, DIGEST, TIMINGS, event, uuid

NOBODY, TRIED_AGAIN, TWICE = uuid(900), uuid(901), uuid(902)


def dispatched(number: int, backend: str, attempt: int = 1) -> tuple[int, Event]:
    """A job was given to a backend."""
    return number, JobDispatched(attempt=attempt, backend=backend)


def requested(number: int, person: UUID) -> tuple[int, Event]:
    """A job was asked for."""
    return number, event(JobRequested, person_id=person)


def ended(number: int, backend: str) -> tuple[int, Event]:
    """It was rendered."""
    return number, JobSucceeded(attempt=1, backend=backend, images=(), timings=TIMINGS)


HAPPENED = (
    requested(1, TRIED_AGAIN),
    dispatched(1, "gpu"),  # position 2
    (1, AttemptFailed(attempt=1, backend="gpu", code="node-failed")),
    dispatched(1, "other", 2),  # position 4
    requested(2, TWICE),
    dispatched(2, "other"),  # position 6
    ended(2, "other"),
    requested(3, TWICE),
    dispatched(3, "other"),  # position 9
    requested(4, TWICE),
    requested(5, NOBODY),
    requested(6, TRIED_AGAIN),
)


async def test_what_the_schedule_reads(postgres_url: str) -> None:
    """The last two turns of each person, also when both were one job's; what runs where, and how fast."""
    pool = await open_pool(postgres_url)
    async with connection(pool) as conn:
        await migrate(conn)

    async def work(ledger: Ledger) -> list[Unfinished]:
        await ledger.record(
            [Append(stream=f"job-{uuid(number)}", event=happened) for number, happened in HAPPENED]
        )
        return await ledger.rows.unfinished()

    before = await Writer(pool, Recall()).write(uuid(1), datetime.now(UTC), work)
    assert before is not None
    async with connection(pool) as conn:
        jobs = list((await line.unfinished(conn)).values())
        assert before == sorted(jobs, key=lambda job: job.waiting.position)
        await _looks_so(conn, before)
    await pool.close()


async def _looks_so(conn: Connection, jobs: list[Unfinished]) -> None:
    waiting = unfinished.ready(jobs, [DIGEST], AT)
    assert [(4, TWICE), (5, NOBODY), (6, TRIED_AGAIN)] == [(w.job_id.int, w.person_id) for w in waiting]
    turns = await line.turns(conn, waiting)
    assert {
        TWICE: Served(last=9, before=6),
        TRIED_AGAIN: Served(last=4, before=2),
        NOBODY: Served(),
    } == {person: one.served for person, one in turns._lines.items()}
    assert [1, 5, 8] == turns._asked
    assert [5, 6, 4] == [job.job_id.int for job in turns.in_turn()]

    assert {TWICE: 1, TRIED_AGAIN: 1} == unfinished.with_backends(jobs)
    assert {"other": 2} == unfinished.in_flight(jobs)
    assert {"other": DIGEST} == await speed.warm(conn, ["gpu", "other", "new"])
    assert {"gpu": {}, "other": {DIGEST: TIMINGS.render_s}} == await speed.medians(
        conn, ["gpu", "other"], [DIGEST]
    )


async def test_a_job_that_failed_somewhere_says_where(postgres_url: str) -> None:
    """And since when it waits again, and until when it has to."""
    pool = await open_pool(postgres_url)
    async with connection(pool) as conn:
        await migrate(conn)
    appends = [Append(stream=f"job-{uuid(1)}", event=happened) for _, happened in HAPPENED[:3]]
    await Writer(pool, Recall()).write(uuid(1), AT, lambda ledger: ledger.record(appends))
    async with connection(pool) as conn:
        jobs = (await line.unfinished(conn)).values()
        assert [] == unfinished.ready(jobs, [DIGEST], AT)
        later = AT + timedelta(seconds=60)
        assert [
            Waiting(
                job_id=uuid(1),
                person_id=TRIED_AGAIN,
                position=1,
                workflow=DIGEST,
                failed_on=frozenset({"gpu"}),
            )
        ] == unfinished.ready(jobs, [DIGEST], later)
        [held] = await line.queued_before(conn, [DIGEST], AT, limit=9)
        assert ("queued", "", AT) == (held.status, held.backend, held.queued_at)
        assert [] == await line.queued_before(conn, [DIGEST], AT - timedelta(seconds=1), limit=9)
    await pool.close()
