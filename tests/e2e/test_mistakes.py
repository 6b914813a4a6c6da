"""Every mistake gets one clear sentence in the page, and changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, FormData
from PIL import Image
from playwright.async_api import Browser

from services.devstack.ports import free_port
from tests.e2e.browser import Visitor, visiting
from tests.e2e.darkroom import Darkroom, running_darkroom

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's loop


async def problem(visitor: Visitor) -> str:
    """What the page says is wrong, in the composer or under the entry."""
    found = visitor.page.locator(
        "[data-testid=problem], article[data-status=refused] .text, article[data-status=note] .text"
    )
    await found.first.wait_for(timeout=20_000)
    return " ".join(await found.all_inner_texts())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/f", "/f"),
        ("/f " + "very " * 2000 + "long", "4000"),
        ("/qwen a goose t-shirt", "picture"),
        ("/nonsense a cat", "/nonsense"),
        ("/f a cat --size 999999x1", "size"),
        ("/f a cat --seed many", "--seed"),
        ("/f a cat --colour red", "--colour"),
        ("a cat", "/f"),
    ],
    ids=["empty", "too long", "no picture", "unknown", "bad size", "bad seed", "unknown flag", "no command"],
)
async def test_a_mistake_in_words(darkroom: Darkroom, text: str, says: str, chromium: Browser) -> None:
    """The sentence names what is wrong or what to do, and no job comes of it."""
    before = await darkroom.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.requested.v1'")
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say(text)

        assert says in await problem(visitor)
        assert [] == visitor.complaints
    assert before == await darkroom.fetchval("SELECT count(*) FROM event_log WHERE type = 'job.requested.v1'")


@pytest.mark.parametrize(
    ("name", "data"),
    [("broken.png", b"\x89PNG\r\n\x1a\n" + b"nonsense" * 100), ("notes.jpg", b"just some text")],
)
async def test_a_file_that_is_no_picture(
    darkroom: Darkroom, tmp_path: Path, name: str, data: bytes, chromium: Browser
) -> None:
    """A broken file is said to be broken, and the words stay in the box."""
    path = tmp_path / name
    path.write_bytes(data)
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/qwen a hat", files=(str(path),))

        assert "picture" in await problem(visitor)
        assert "/qwen a hat" == await visitor.page.get_by_label("Message", exact=True).input_value()


async def test_a_truncated_photo_is_refused(darkroom: Darkroom, tmp_path: Path, chromium: Browser) -> None:
    """A picture that ends in the middle is not let through to fail on the GPU."""
    whole = tmp_path / "whole.jpg"
    Image.effect_noise((640, 480), 90).convert("RGB").save(whole)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:5000])
    async with visiting(chromium) as visitor:
        await visitor.open(darkroom.url)
        await visitor.say("/qwen a hat", files=(str(cut),))

        assert "picture" in await problem(visitor)


async def test_a_100_mb_upload_is_refused_without_being_swallowed(darkroom: Darkroom) -> None:
    """Whatever the page allows, the server refuses it with a sentence."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        await http.get(darkroom.url)
        form = FormData({"id": "00000000-0000-4000-8000-000000000001", "text": "/qwen a hat", "reply_to": ""})
        form.add_field(
            "file",
            io.BytesIO(b"\xff\xd8" + b"x" * 100_000_000),
            filename="big.jpg",
            content_type="image/jpeg",
        )
        async with http.post(f"{darkroom.url}/say", data=form, headers={"Origin": darkroom.url}) as answer:
            body = await answer.json()

        assert 413 == answer.status
        assert "MB" in body["error"]


async def test_a_backend_without_the_model(home: Path, chromium: Browser) -> None:
    """The sentence names the model."""
    with running_darkroom(home, simulator="--without flux1-schnell.safetensors") as darkroom:
        async with visiting(chromium) as visitor:
            await visitor.open(darkroom.url)
            await visitor.say("/f a cat")

            assert "flux1-schnell.safetensors" in await problem(visitor)


async def test_a_backend_that_is_off(home: Path, chromium: Browser) -> None:
    """Darkroom starts all the same, and says which backend does not answer."""
    with running_darkroom(home, "--comfyui", f"gpu=http://127.0.0.1:{free_port()}") as darkroom:
        async with visiting(chromium) as visitor:
            await visitor.open(darkroom.url)
            await visitor.say("/f a cat")

            assert "gpu" in await problem(visitor)


async def test_nats_away_keeps_the_words_in_the_box(home: Path, chromium: Browser) -> None:
    """The page says that nothing was kept; when NATS is back, trying again works."""
    with running_darkroom(home) as darkroom:
        async with visiting(chromium) as visitor:
            await visitor.open(darkroom.url)
            with darkroom.frozen("nats"):
                await visitor.say("/f a patient cat")
                said = await problem(visitor)
                assert "not" in said
            await visitor.page.get_by_role("button", name="Try again").click()
            await visitor.outcome(1)
            assert 1 == await darkroom.fetchval(
                "SELECT count(*) FROM event_log WHERE type = 'job.requested.v1'"
            )
