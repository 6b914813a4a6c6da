"""Several orchestrators at once, on one log."""

from __future__ import annotations

import asyncio

from schemas import subjects
from services.common.db import connection, open_pool
from services.orchestrator.migration import migrate
from services.orchestrator.replay import replay
from tests.builders import SPEC
from tests.integration.orchestrator.studio import open_studio, speaker
from tests.servers import eventually


async def test_two_share_the_work_and_double_nothing(postgres_url: str, nats_url: str) -> None:
    """Each job is taken, dispatched and ended once, whoever of the two does what."""
    jobs = 12
    async with (
        open_studio(postgres_url, nats_url) as studio,
        open_studio(postgres_url, nats_url),
    ):
        await studio.open_shop()
        asked = [await studio.ask_picture(speaker(number % 3)) for number in range(jobs)]
        rendered = []
        for _ in range(jobs):
            order = await studio.attempt()
            rendered.append(order.job_id)
            await studio.succeed(order)
        for job_id in asked:
            await studio.job_is(job_id, "status", "succeeded")
        for job_id in asked:
            await studio.entry(job_id, "done")

    assert sorted(asked) == sorted(rendered)
    async with open_studio(postgres_url, nats_url) as studio:
        for kind in ("requested", "dispatched", "succeeded"):
            count = await studio.fetchval("SELECT count(*) FROM event_log WHERE type = $1", f"job.{kind}.v1")
            assert jobs == count
    assert (await replay(postgres_url, lambda _done, _all: None)).holds


async def test_what_is_said_takes_effect_in_order(postgres_url: str, nats_url: str) -> None:
    """Two of them don't overtake each other: requests stand in the log as they were made."""
    async with open_studio(postgres_url, nats_url) as studio, open_studio(postgres_url, nats_url):
        await studio.open_shop(lacks={SPEC.digest: ()})
        asked = [str(await studio.ask_picture(speaker())) for _ in range(15)]

        async def logged() -> list[str]:
            async with connection(studio.pool) as conn:
                rows = await conn.fetch(
                    "SELECT substr(stream, 5) AS id FROM event_log WHERE type = 'job.requested.v1' "
                    "ORDER BY position"
                )
            return [row["id"] for row in rows] if len(rows) == len(asked) else []

        assert asked == await eventually(logged)
        consumer = await studio.bus.jetstream.consumer_info(subjects.INBOX, "orchestrator")
        assert 1 == consumer.config.max_ack_pending  # what makes it so, and not mere luck


async def test_two_migrate_at_once(postgres_url: str) -> None:
    """Each migration is applied by one of them, and doing it again does nothing."""
    pool = await open_pool(postgres_url)

    async def start() -> list[str]:
        async with connection(pool) as conn:
            return await migrate(conn)

    applied = await asyncio.gather(*(start() for _ in range(4)))
    assert 1 == sum(bool(names) for names in applied)
    assert [] == await start()
    pool.terminate()
