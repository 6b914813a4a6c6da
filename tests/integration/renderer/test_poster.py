"""The process that makes posters: whatever it meets, it is gone afterwards, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest

from services.renderer import poster
from services.renderer.metadata import cleaned
from services.renderer.poster import poster_of
from tests.unit.renderer.test_first_frame import film


@pytest.fixture(autouse=True)
def nothing_is_left() -> Generator[None]:
    """Whatever this process had started before, it has started nothing that is still there."""
    before = children()
    yield
    assert before == children()


async def test_a_poster() -> None:
    """A clean JPEG of the video's size."""
    found = await poster_of(film("black", "teal"))

    assert found is not None
    assert ("image/jpeg", 64, 48) == (found.mime, found.width_px, found.height_px)
    assert found == cleaned(found.data)


@pytest.mark.parametrize("video", [b"", b"nothing", film("teal")[:700], bytes(300_000)])
async def test_no_video_no_poster(video: bytes) -> None:
    """The process dies of it, perhaps before it has read all; that is all that happens."""
    assert await poster_of(video) is None


async def test_a_decoder_that_takes_too_long_is_ended() -> None:
    """No process of it is left."""
    assert await poster_of(film("teal"), timeout_s=0.001) is None


@pytest.mark.parametrize(
    "program",
    ["import os; os.abort()", "import sys; sys.stdout.buffer.write(bytes(8 << 20))", "print('no picture')"],
)
async def test_whatever_the_process_does(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It crashes, floods or babbles: there is no poster."""
    monkeypatch.setattr(poster, "_PROGRAM", (poster.sys.executable, "-I", "-c", program))

    assert await poster_of(film("teal")) is None


async def test_being_cancelled_ends_the_process() -> None:
    """The attempt may be given up at any time."""
    making = asyncio.create_task(poster_of(film("teal")))
    await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making


def children() -> set[int]:
    """Ids of the processes that this one has started and that are still there."""
    found = Path(f"/proc/self/task/{Path('/proc/thread-self').readlink().name}/children")
    return {int(one) for one in found.read_text().split()}
