"""How many jobs a backend is given at a time."""

from __future__ import annotations

from uuid import UUID

import nats.errors
import pytest
from msgspec.structs import replace

from schemas.dispatch import RenderAttempt
from schemas.facts import RenderStarted
from tests.integration.orchestrator.studio import LIMITS, Studio, open_studio, speaker, success

NOT_YET_S = 0.7  # longer than the orchestrator's own tick


async def four_jobs(studio: Studio) -> list[UUID]:
    """Of four people, in this order."""
    await studio.open_shop()
    return [await studio.ask_picture(speaker(number)) for number in range(1, 5)]


async def starts(studio: Studio, order: RenderAttempt) -> None:
    """Play a renderer that sees the job run; wait until that is known."""
    await studio.report(RenderStarted(job_id=order.job_id, attempt=order.attempt))
    await studio.job_is(order.job_id, "status", "running")


async def nothing_more(studio: Studio) -> bool:
    """Whether the backend is given no other job."""
    with pytest.raises(nats.errors.TimeoutError):
        await studio.attempt(timeout_s=NOT_YET_S)
    return True


async def test_one_runs_and_one_is_staged(postgres_url: str, nats_url: str) -> None:
    """The third waits, also when it is known that the first one runs."""
    async with open_studio(postgres_url, nats_url) as studio:
        jobs = await four_jobs(studio)
        first, second = await studio.attempt(), await studio.attempt()
        await starts(studio, first)

        assert jobs[:2] == [first.job_id, second.job_id]
        assert await nothing_more(studio)


async def test_a_picture_that_is_only_fetched_takes_no_room(postgres_url: str, nats_url: str) -> None:
    """Once the second one runs the GPU is done with the first: the third may cross the tunnel. No fourth."""
    async with open_studio(postgres_url, nats_url) as studio:
        jobs = await four_jobs(studio)
        first, second = await studio.attempt(), await studio.attempt()
        await starts(studio, first)
        await starts(studio, second)
        third = await studio.attempt()

        assert jobs[2] == third.job_id
        assert await nothing_more(studio)
        await studio.report(success(first))
        assert await nothing_more(studio)
        await studio.report(success(second))
        assert jobs[3] == (await studio.attempt()).job_id


async def test_without_staging_one_is_there_at_a_time(postgres_url: str, nats_url: str) -> None:
    """The next one is given when the outcome of the one before is known, and not when it runs."""
    limits = replace(LIMITS, staged_jobs=0)
    async with open_studio(postgres_url, nats_url, limits=limits) as studio:
        jobs = await four_jobs(studio)
        first = await studio.attempt()
        await starts(studio, first)

        assert await nothing_more(studio)
        await studio.report(success(first))
        assert jobs[1] == (await studio.attempt()).job_id
