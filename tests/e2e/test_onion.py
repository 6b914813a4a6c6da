"""The whole of Darkroom with its GPU behind a hidden service, on a private network of real relays."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from services.cli.bench.person import Person, person
from tests.anonnet.shared import SharedNetwork
from tests.e2e.darkroom import Darkroom
from tests.e2e.onion import Place, published
from tests.servers import eventually

_PICTURE_S = 120.0
_SMALL = "--size 256x256"


async def made(visitor: Person, text: str) -> bytes:
    """The bytes of what *text* asks for."""
    shown = await visitor.picture(await visitor.say(text), _PICTURE_S)
    return await visitor.fetch(shown)


def anon_of(darkroom: Darkroom) -> psutil.Process:
    """The anon that the tunnel has started."""
    tunnel = psutil.Process(darkroom.record.processes["tunnel"].pid)
    children = [one for one in tunnel.children(recursive=True) if "anonrc" in " ".join(one.cmdline())]
    assert children, [one.cmdline() for one in tunnel.children(recursive=True)]
    return children[0]


async def is_purged(place: Place) -> None:
    """Wait until nothing of any job is left in ComfyUI's folders."""

    async def empty() -> bool:
        return not place.host.files()

    await eventually(empty, timeout_s=60)


@pytest.mark.timeout(400)
async def test_a_chain_and_a_video_over_a_hidden_service(home: Path, network: SharedNetwork) -> None:
    """Picture, edit, edit of the edit, and a video come through; then the GPU's folders hold none of it."""
    async with (
        published(home, network, "--step-s", "0.05") as place,
        place.darkroom() as darkroom,
        person(darkroom.url) as visitor,
    ):
        assert b"\x89PNG" == (await made(visitor, f"/f an astronaut {_SMALL}"))[:4]
        for text in ("a hat", "another hat"):
            assert b"\x89PNG" == (await made(visitor, f"/qwen {text}"))[:4]
        assert b"ftyp" == (await made(visitor, "/wan a goose --size 320x256"))[4:8]
        assert {1} == set((await place.gpu.rendered()).values())
        await is_purged(place)
        await eventually(lambda: _purged(darkroom, 4), timeout_s=30)
        await darkroom.replay_holds()


@pytest.mark.timeout(400)
async def test_anon_is_killed_with_jobs_in_flight(home: Path, anon_network: SharedNetwork) -> None:
    """Nothing leaves without it; it is started again, and each job ends in one picture, rendered once."""
    async with (
        published(home, anon_network, "--step-s", "0.2") as place,
        place.darkroom() as darkroom,
        person(darkroom.url) as visitor,
    ):
        asked = [await visitor.say(f"/f boat {number} {_SMALL}") for number in range(6)]
        await visitor.picture(asked[0], _PICTURE_S)
        before = anon_of(darkroom)
        os.kill(before.pid, signal.SIGKILL)
        for entry in asked[1:]:
            await visitor.picture(entry, _PICTURE_S)
        assert before.pid != anon_of(darkroom).pid
        rendered = await place.gpu.rendered()
        assert 6 == len(rendered)
        assert {1} == set(rendered.values())


@pytest.mark.timeout(400)
async def test_the_host_is_killed_with_jobs_in_flight(home: Path, anon_network: SharedNetwork) -> None:
    """The GPU goes away in the middle and comes back under its address: each job ends in one picture."""
    async with (
        published(home, anon_network, "--step-s", "0.2") as place,
        place.darkroom() as darkroom,
        person(darkroom.url) as visitor,
    ):
        asked = [await visitor.say(f"/f ship {number} {_SMALL}") for number in range(5)]
        await visitor.picture(asked[0], _PICTURE_S)
        place.host.kill()
        again = await place.host.start()
        assert place.backend.endswith(again[3])
        for entry in asked[1:]:
            await visitor.picture(entry, _PICTURE_S)
        rendered = await place.gpu.rendered()
        assert 5 == len(rendered)
        assert {1} == set(rendered.values())


async def _purged(darkroom: Darkroom, jobs: int) -> bool:
    found = await darkroom.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.host_purged.v1'")
    return found == jobs
