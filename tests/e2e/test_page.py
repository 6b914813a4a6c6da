"""The main job in a real browser, as a person does it."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser

from tests.e2e.browser import visiting
from tests.e2e.darkroom import Darkroom
from tests.servers import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's loop

SCREENSHOT = Path(__file__).parent / "screenshot.png"
SHOTS = Path(__file__).parents[2] / "artifacts"


def photo(path: Path) -> str:
    """A photo as a phone makes it, with a place in its EXIF."""
    exif = Image.Exif()
    exif[0x010E] = "planted-description"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (640, 480), "teal").save(path, "JPEG", exif=exif)
    return str(path)


async def test_four_pictures_as_a_person_makes_them(
    darkroom: Darkroom, tmp_path: Path, chromium: Browser
) -> None:
    """`/f`, `/qwen` on the result, `/qwen` again, then a photo with a caption: four pictures, all seen."""
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.screenshot(SHOTS / "welcome.png")
        await visitor.say("/f an astronaut in a field --seed 7")
        await visitor.outcome(1)
        await visitor.say("/qwen put a goose t-shirt on him --seed 8")
        await visitor.outcome(2)
        await visitor.say("/qwen at night, with northern lights --seed 9")
        await visitor.outcome(3)
        await visitor.screenshot(SHOTS / "chain.png")
        await visitor.say("/qwen make it a postcard --seed 10", files=(photo(tmp_path / "photo.jpg"),))
        await visitor.outcome(4)
        await visitor.screenshot(SHOTS / "photo.png")

        assert 4 == await visitor.page.locator("figure[data-picture] img").count()
        assert [] == visitor.complaints
        await visitor.page.reload()
        await visitor.outcome(4)
        assert 4 == await visitor.page.locator("figure[data-picture] img").count()
    if os.environ.get("DARKROOM_UPDATE_SCREENSHOT"):
        shutil.copy(SHOTS / "chain.png", SCREENSHOT)
    await darkroom.replay_holds()


async def test_a_picture_is_there_within_a_second_of_its_rendering(
    darkroom: Darkroom, chromium: Browser
) -> None:
    """From the moment the simulator is done to the picture in the page: less than a second."""
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/f warm up")
        await visitor.outcome(1)
        await visitor.say("/f a lighthouse")
        await visitor.outcome(2)
        seen_after_s = await darkroom.fetchval(
            "SELECT extract(epoch FROM shown.at - done.at)::float8 FROM event_log done "
            "JOIN event_log shown ON shown.stream = done.stream AND shown.type = 'job.outcome_shown.v1' "
            "WHERE done.type = 'job.succeeded.v1' ORDER BY done.position DESC LIMIT 1"
        )
        download_s = await darkroom.fetchval(
            "SELECT (convert_from(data, 'UTF8')::jsonb -> 'timings' ->> 'download_s')::float8 "
            "FROM event_log WHERE type = 'job.succeeded.v1' ORDER BY position DESC LIMIT 1"
        )
        assert isinstance(seen_after_s, float)
        assert isinstance(download_s, float)
        assert seen_after_s + download_s < 1.0


async def test_what_comes_back_carries_nothing_but_the_picture(darkroom: Darkroom, chromium: Browser) -> None:
    """ComfyUI writes the whole prompt into its PNGs; what a person downloads has no text in it."""
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/f a planted-prompt-word")
        await visitor.outcome(1)
        src = await visitor.page.locator("figure[data-picture] img").get_attribute("src")
        data = await (await visitor.page.request.get(f"{darkroom.url}{src}")).body()

        assert b"planted-prompt-word" not in data
        assert {} == {k: v for k, v in Image.open(io.BytesIO(data)).info.items() if isinstance(v, str)}


async def test_a_phone_in_the_dark(darkroom: Darkroom, chromium: Browser) -> None:
    """On a small dark screen nothing scrolls sideways, and everything can be done by keyboard."""
    async with visiting(chromium, width_px=360, height_px=740, dark=True) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/f a cat on a chair --size 512x768")
        await visitor.outcome(1)
        await visitor.page.get_by_role("button", name="Edit this").focus()
        await visitor.page.keyboard.press("Enter")
        assert await visitor.page.get_by_test_id("editing").is_visible()
        await visitor.say("/qwen a top hat")
        await visitor.outcome(2)
        await visitor.screenshot(SHOTS / "phone.png")

        wider = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await visitor.page.evaluate(wider)
        assert [] == visitor.complaints


async def test_cancelling_in_the_page(darkroom: Darkroom, chromium: Browser) -> None:
    """The button stops the job, the entry says so, and the next one comes through."""
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/f a marathon --steps 12")
        await visitor.page.get_by_role("button", name="Cancel").click()
        await visitor.outcome(1, "cancelled")
        await visitor.say("/f a sprint")
        await visitor.outcome(1)


async def test_nobody_sees_anothers_pictures(darkroom: Darkroom, chromium: Browser) -> None:
    """Another browser sees an empty chat, and the address of a picture is worth nothing there."""
    async with visiting(chromium) as mine, visiting(chromium) as other:
        await mine.open(darkroom.url)
        await mine.say("/f a secret")
        await mine.outcome(1)
        src = await mine.page.locator("figure[data-picture] img").get_attribute("src")
        await other.open(darkroom.url)

        assert 0 == await other.page.locator("article[data-entry]").count()
        assert 404 == (await other.page.request.get(f"{darkroom.url}{src}")).status

        async def still_mine() -> bool:
            return (await mine.page.request.get(f"{darkroom.url}{src}")).ok

        await eventually(still_mine)
