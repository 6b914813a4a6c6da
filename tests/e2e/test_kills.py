"""Nothing is lost and nothing comes twice, whatever is killed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.e2e.telegram import ME, answer_to, pictures, telegram_darkroom
from tests.servers import eventually

EVERYTHING = (
    "orchestrator",
    "renderer",
    "tunnel",
    "ingress-telegram",
    "ingress-web",
    "nats",
    "postgres",
    "simulator",
)


@pytest.mark.timeout(400)
async def test_ten_jobs_survive_the_death_of_each_part(home: Path) -> None:
    """With ten jobs in flight each part in turn is killed: every job ends in exactly one picture."""
    async with telegram_darkroom(home, simulator="--step-s 0.05") as (darkroom, api):
        for round_, victim in enumerate(EVERYTHING, start=1):
            before = len(pictures(api))
            asked = [api.user_says(ME, f"/f {victim} {number}") for number in range(10)]
            await api.until(lambda n=before: len(pictures(api)) >= n + 2, 60)
            pid = darkroom.kill(victim)
            await api.until(lambda n=round_: len(pictures(api)) >= 10 * n, 120)
            await darkroom.is_back(victim, pid)

            assert 10 * round_ == len(pictures(api)), victim
            assert all(shown and shown.kind == "photo" for shown in (answer_to(api, m) for m in asked)), (
                victim
            )
        assert 10 * len(EVERYTHING) == await darkroom.fetchval(
            "SELECT count(*) FROM event_log WHERE type = 'job.succeeded.v1'"
        )
        await darkroom.replay_holds()


@pytest.mark.timeout(300)
async def test_a_chain_survives_the_death_of_everything(home: Path) -> None:
    """Every part is killed between two commands: the edit finds its picture, and replay is byte-equal."""
    async with telegram_darkroom(home, simulator="--step-s 0.05") as (darkroom, api):
        api.user_says(ME, "/f an astronaut")
        await api.until(lambda: len(pictures(api)) == 1, 60)
        for number in (2, 3):
            killed = {name: darkroom.kill(name) for name in EVERYTHING}
            for name, pid in killed.items():
                await darkroom.is_back(name, pid)
            api.user_says(ME, "/qwen another hat")
            await api.until(lambda n=number: len(pictures(api)) == n, 60)
        await darkroom.replay_holds()
        assert 1 == await darkroom.fetchval(
            "SELECT count(DISTINCT convert_from(data, 'UTF8')::jsonb ->> 'chain_id') "
            "FROM event_log WHERE type = 'image.rendered.v1'"
        )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lost", [(), ("nats/jetstream",)], ids=["all kept", "NATS emptied"])
async def test_jobs_in_flight_survive_the_death_of_the_whole_stack(home: Path, lost: tuple[str, ...]) -> None:
    """Everything dies at once, and all that NATS held with it: one picture for each job all the same."""
    async with telegram_darkroom(home, simulator="--step-s 0.05") as (darkroom, api):
        asked = [api.user_says(ME, f"/f before {number}") for number in range(8)]
        await api.until(lambda: len(pictures(api)) >= 2, 60)
        await asyncio.to_thread(darkroom.die)
        asked += [api.user_says(ME, f"/f away {number}") for number in range(2)]
        for folder in lost:
            shutil.rmtree(home / folder)
        await asyncio.to_thread(darkroom.start)

        await api.until(
            lambda: all(shown and shown.kind == "photo" for shown in (answer_to(api, m) for m in asked)), 120
        )
        assert 10 == len(pictures(api))
        await darkroom.replay_holds()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_server_that_is_away_loses_nothing(home: Path, server: str) -> None:
    """While it is stopped, what a person says is kept or they are told; afterwards it is done."""
    async with telegram_darkroom(home) as (darkroom, api):
        api.user_says(ME, "/f before")
        await api.until(lambda: len(pictures(api)) == 1, 60)
        with darkroom.frozen(server):
            asked = api.user_says(ME, "/f meanwhile")
            if server == "nats":
                told = await api.until(lambda: answer_to(api, asked), 30)
                assert "as soon as" in told.text
        await api.until(lambda: len(pictures(api)) == 2, 90)

        async def settled() -> bool:
            return api.pending_updates == 0

        await eventually(settled)
        assert 2 == len(pictures(api))
