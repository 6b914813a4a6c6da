"""The page in a real browser: videos, sounds, several results, previews, as an orchestrator tells of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import pytest

from schemas.private import Address
from schemas.replies import Entry, Picture
from services.common.keys import Keyring
from services.ingress.submission import Speaker, session_id
from services.ingress.web.cookie import SessionCookie
from tests.botapi.pictures import film_bytes, image_bytes, moving_bytes, sound_bytes
from tests.e2e.browser import Visitor, running_chromium, visiting
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat

Browsing = Callable[..., AbstractAsyncContextManager[tuple[Visitor, UUID]]]
FILM_PX = (320, 192)
PLAYS = "video => video.readyState >= 2 && video.currentTime > 0"


@pytest.fixture
def browsing(web: WebChat, keyring: Keyring) -> Browsing:
    """Opens browsers; each comes with the session it is."""

    @asynccontextmanager
    async def browse(**screen: int | bool) -> AsyncGenerator[tuple[Visitor, UUID]]:
        async with (
            running_chromium() as chromium,
            visiting(chromium, **screen) as visitor,  # pyright: ignore[reportArgumentType]
        ):
            await visitor.open(web.url)
            (cookie,) = await visitor.page.context.cookies()
            key = SessionCookie(keyring.session).read(cookie.get("value"))
            assert key is not None
            yield (
                visitor,
                session_id(keyring, Speaker(channel="web", chat=key, person=key, address=Address())),
            )
            assert [] == visitor.complaints

    return browse


async def film(orchestrator: FakeOrchestrator, session: UUID) -> Picture:
    """A video of two seconds with its poster."""
    return await orchestrator.keep(
        session,
        film_bytes(FILM_PX),
        poster=image_bytes(FILM_PX, "gold", encoding="JPEG"),
        mime="video/mp4",
        width_px=FILM_PX[0],
        height_px=FILM_PX[1],
        duration_s=2.0,
    )


async def shown(orchestrator: FakeOrchestrator, session: UUID, *pictures: Picture) -> Entry:
    """An entry that is being made, and at once done with *pictures*."""
    entry = orchestrator.entry(session, said="/wan a goose that lands on a lake", status="running")
    await orchestrator.show(entry)
    done = {"entry_id": entry.entry_id, "said": "/wan a goose that lands on a lake", "status": "done"}
    last = orchestrator.entry(session, version=2, pictures=pictures, title="Wan 2.2", **done)
    await orchestrator.show(last)
    return last


async def test_a_video_plays_and_can_be_searched(browsing: Browsing, orchestrator: FakeOrchestrator) -> None:
    """One just made begins by itself, muted; one of before waits as its poster; seeking fetches parts."""
    async with browsing() as (visitor, session):
        clip = await film(orchestrator, session)
        entry = await shown(orchestrator, session, clip)
        video = visitor.page.locator("figure[data-nature=video] video")
        await visitor.page.wait_for_function(f"() => [...document.querySelectorAll('video')].some({PLAYS})")
        assert await video.evaluate("video => video.muted && video.loop && video.controls")
        assert "0:02" == await visitor.page.locator("figure .length").text_content()

        orchestrator.entries[session] = [entry]
        await visitor.page.reload()
        play = visitor.page.get_by_role("button", name="Play: a goose that lands on a lake")
        await play.wait_for()
        poster = f"/media/{clip.image_id}?poster"
        assert poster == await play.locator("img").get_attribute("src")
        assert 0 == await video.count()
        ranges: list[str] = []
        visitor.page.on("request", lambda request: ranges.append(request.headers.get("range", "")))
        await play.press("Enter")
        await video.evaluate("video => { video.loop = false; video.currentTime = 1.5; }")
        await visitor.page.wait_for_function("() => document.querySelector('video').currentTime >= 1.5")
        assert any(wanted.startswith("bytes=") for wanted in ranges)
        assert not await video.evaluate("video => video.muted")


async def test_every_kind_is_shown_as_what_it_is(browsing: Browsing, orchestrator: FakeOrchestrator) -> None:
    """A still and a moving picture, a video and a sound in one entry, each to be downloaded by its name."""
    async with browsing() as (visitor, session):
        results = (
            await orchestrator.keep(session, image_bytes(FILM_PX), width_px=320, height_px=192),
            await orchestrator.keep(
                session, moving_bytes("WEBP"), mime="image/webp", animated=True, width_px=96, height_px=64
            ),
            await film(orchestrator, session),
            await orchestrator.keep(
                session, sound_bytes(), mime="audio/mpeg", width_px=0, height_px=0, duration_s=2.0
            ),
        )
        await shown(orchestrator, session, *results)
        await visitor.outcome(1)
        sound = visitor.page.locator("audio")
        await sound.evaluate("sound => sound.play()")
        await visitor.page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
        figures = visitor.page.locator("figure[data-nature]")

        assert ["still", "animated", "video", "audio"] == await figures.evaluate_all(
            "figures => figures.map(figure => figure.dataset.nature)"
        )
        assert ["png", "webp", "mp4", "mp3"] == await figures.evaluate_all(
            "figures => figures.map(f => f.querySelector('[download]').download.split('.').pop())"
        )
        assert 1 == await visitor.page.get_by_role("button", name="Edit this").count()
        async with visitor.page.expect_download() as started:
            await figures.nth(2).locator("[download]").click()
        assert f"darkroom-{str(results[2].image_id)[:8]}.mp4" == (await started.value).suggested_filename


async def test_a_picture_grows_before_the_eyes_of_who_asked(
    browsing: Browsing, orchestrator: FakeOrchestrator
) -> None:
    """Node, step, percent and preview while it is made; nothing of it in another browser, nor afterwards."""
    async with browsing() as (visitor, session), browsing() as (other, _):
        running = orchestrator.entry(session, status="running")
        await orchestrator.show(running)
        await visitor.page.locator("[data-status=running]").wait_for()
        preview = visitor.page.locator(".preview img")
        for number, colour in enumerate(("navy", "teal"), start=1):
            jpeg = image_bytes((160, 96), colour, encoding="JPEG")
            await orchestrator.progress(running, 25.0 * number, preview=jpeg, step=number, node="Sample")
            await visitor.page.get_by_text(f"Sample, step {number} of 4").wait_for()
        await preview.wait_for()
        assert "50 %" == await visitor.page.locator(".percent").text_content()
        assert "Sample, step 2 of 4, 50 %" == await visitor.page.get_by_role("progressbar").get_attribute(
            "aria-valuetext"
        )
        assert 0 == await other.page.locator(".preview img").count()

        done = orchestrator.entry(session, entry_id=running.entry_id, status="cancelling", version=2)
        await orchestrator.show(done)
        await visitor.page.locator("[data-status=cancelling]").get_by_text("Stopping…").wait_for()
        assert 0 == await preview.count()
        await orchestrator.progress(running, 75.0, preview=image_bytes(encoding="JPEG"))
        ended = orchestrator.entry(session, entry_id=running.entry_id, status="cancelled", version=3)
        await orchestrator.show(ended)
        await visitor.page.locator("[data-status=cancelled]").wait_for()
        assert 0 == await preview.count()
