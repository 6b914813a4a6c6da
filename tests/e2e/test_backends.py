"""Several backends: whatever becomes of one of them, every job ends once, on another if need be."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.botapi.api import BotApi
from tests.e2e.darkroom import Darkroom
from tests.e2e.gpu import Gpu, running_gpus
from tests.e2e.telegram import ME, answer_to, pictures, telegram_darkroom

_SUCCEEDED = "SELECT count(*) FROM event_log WHERE type = 'job.succeeded.v1'"


@asynccontextmanager
async def studio(home: Path, *arguments: str) -> AsyncGenerator[tuple[Darkroom, BotApi, Gpu, Gpu]]:
    """A Darkroom that renders on two GPUs, a and b."""
    async with running_gpus(home / "gpus", "--step-s", "0.1", *arguments) as (a, b):
        urls = (f"--comfyui=a={a.url}", f"--comfyui=b={b.url}")
        async with telegram_darkroom(home, arguments=urls) as (darkroom, api):
            yield darkroom, api, a, b


def all_pictures(api: BotApi, asked: list[int]) -> bool:
    """Whether each of these messages was answered with a picture."""
    return all(shown and shown.kind == "photo" for shown in (answer_to(api, one) for one in asked))


@pytest.mark.timeout(300)
async def test_a_backend_dies_in_the_middle(home: Path) -> None:
    """What it had in hand is rendered by the other one, and when it is back it renders again."""
    async with studio(home) as (darkroom, api, a, b):
        asked = [api.user_says(ME, f"/f boat {number}") for number in range(12)]
        await api.until(lambda: len(pictures(api)) >= 2, 60)
        a.kill()
        await api.until(lambda: all_pictures(api, asked), 120)
        assert 12 == len(pictures(api)) == await darkroom.fetchval(_SUCCEEDED)

        await a.start()
        asked = [api.user_says(ME, f"/f ship {number}") for number in range(12)]
        await api.until(lambda: all_pictures(api, asked), 120)
        assert {1} == set((await a.rendered()).values())
        assert {1} == set((await b.rendered()).values())
        await darkroom.replay_holds()


@pytest.mark.timeout(300)
async def test_a_backend_that_runs_out_of_memory(home: Path) -> None:
    """It is asked to free its memory and tried again; the person gets a picture and no word of it."""
    async with studio(home) as (_, api, a, b):
        for gpu in (a, b):
            await gpu.fault(out_of_memory_runs=1)
        asked = [api.user_says(ME, f"/f elephant {number}") for number in range(4)]
        await api.until(lambda: all_pictures(api, asked), 120)
        assert 4 == len(pictures(api))


@pytest.mark.timeout(300)
async def test_two_persons_take_turns_on_two_backends(home: Path) -> None:
    """Who asked for one picture doesn't wait behind twenty of another's."""
    async with studio(home) as (_, api, _a, _b):
        other = ME + 1
        many = [api.user_says(ME, f"/f crowd {number}") for number in range(16)]
        one = api.user_says(other, "/f alone")
        await api.until(lambda: answer_to(api, one, other), 60)
        await api.until(lambda: [m for m in api.from_bot(other) if m.kind == "photo"], 60)
        assert len(pictures(api)) < 12
        await api.until(lambda: all_pictures(api, many), 120)
