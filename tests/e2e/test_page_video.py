"""`/wan` in a real browser, over the whole of Darkroom and the simulator."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import Visitor, visiting
from tests.e2e.darkroom import Darkroom, running_darkroom

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's loop

SHOTS = Path(__file__).parents[2] / "artifacts"
ASKED = "/wan a goose that lands on a lake --size 320x256 --seed 7"
PLAYING = "() => [...document.querySelectorAll('video')].some(v => v.readyState >= 2 && v.currentTime > 0)"


async def told_while_rendering(visitor: Visitor) -> tuple[set[str], bool]:
    """What the page says of steps while an entry runs, and whether it has shown a preview."""
    steps: set[str] = set()
    saw_preview = False
    while not await visitor.page.locator("article[data-status=done]").count():
        steps |= {text for text in await visitor.page.locator(".step").all_text_contents() if text}
        saw_preview |= bool(await visitor.page.locator(".preview img").count())
        await asyncio.sleep(0.05)
    return steps, saw_preview


async def test_a_video_as_a_person_makes_it(home: Path, chromium: Browser) -> None:
    """Node and step while it is made, a preview, then the video: it plays, and later waits as its poster."""
    with running_darkroom(home, simulator="--step-s 0.5") as darkroom:
        await make_a_video(darkroom, chromium)


async def make_a_video(darkroom: Darkroom, chromium: Browser) -> None:
    """At a machine slow enough to be watched."""
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say(ASKED)
        async with asyncio.timeout(60):
            steps, saw_preview = await told_while_rendering(visitor)
        await visitor.page.wait_for_function(PLAYING)
        await visitor.screenshot(SHOTS / "video.png")

        assert [step for step in steps if ", step " in step], steps
        assert saw_preview
        assert 0 == await visitor.page.locator(".preview img").count()
        assert "320\u00d7256" in (await visitor.page.locator("article .text").text_content() or "")

        await visitor.page.reload()
        waiting = visitor.page.get_by_role("button", name="Play: a goose that lands on a lake")
        await waiting.click()
        await visitor.page.wait_for_function(PLAYING)
        assert [] == visitor.complaints


async def test_a_video_on_a_phone_in_the_dark(darkroom: Darkroom, chromium: Browser) -> None:
    """Nothing scrolls sideways, and it is downloaded under a name that says nothing."""
    async with visiting(chromium, width_px=360, height_px=740, dark=True) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say(ASKED)
        await visitor.outcome(1)
        await visitor.page.wait_for_function(PLAYING)
        await visitor.screenshot(SHOTS / "video-phone.png")
        async with visitor.page.expect_download() as started:
            await visitor.page.get_by_role("link", name="Download").click()
        download = await started.value

        assert download.suggested_filename.startswith("darkroom-")
        assert download.suggested_filename.endswith(".mp4")
        wider = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await visitor.page.evaluate(wider)
