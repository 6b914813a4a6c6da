"""What people say, send and are called is nowhere on the disk but sealed, and in no process's arguments."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from aiohttp import ClientSession, CookieJar, FormData

from tests.botapi.people import person
from tests.botapi.pictures import image_bytes
from tests.e2e.darkroom import Darkroom
from tests.e2e.telegram import pictures, telegram_darkroom

CHAT = 917_305_517_771
GROUP = -1_009_173_055_888
PLANTED = (b"wintergreen", str(CHAT).encode(), str(-GROUP).encode())

# ComfyUI's own folders: it writes the prompt into its pictures, and whoever owns it sees that (README).
BACKEND = "simulator"

SAID = (
    '/sd wintergreen --neg "wintergreen"',
    '/f wintergreen --neg "wintergreen"',  # which it does not take, and says so
    "/qwen wintergreen",
    "/wintergreen a cat",  # no command of ours, so anything may be in it
    "/f a cat --wintergreen 3",
    "/f a cat --seed wintergreen",
    "/cancel wintergreen",
    "wintergreen",
)


async def _write_on_the_web(darkroom: Darkroom) -> None:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        await http.get(f"{darkroom.url}/?wintergreen", headers={"Referer": "http://wintergreen"})
        await http.get(f"{darkroom.url}/wintergreen")
        for text in SAID:
            form = FormData({"id": str(uuid4()), "text": text, "reply_to": ""}, default_to_multipart=True)
            form.add_field("file", image_bytes(), filename="wintergreen.jpg", content_type="image/jpeg")
            async with http.post(
                f"{darkroom.url}/say", data=form, headers={"Origin": darkroom.url}
            ) as answer:
                assert answer.status in {202, 400}, await answer.text()


def _found(home: Path) -> set[tuple[str, bytes]]:
    """Files, and what of the planted words is in them."""
    return {
        (str(path.relative_to(home)), planted)
        for path in home.rglob("*")
        if path.is_file() and path.relative_to(home).parts[0] != BACKEND
        for planted in PLANTED
        if planted in path.read_bytes().lower()
    }


@pytest.mark.timeout(120)
async def test_nothing_private_is_in_plain_text(home: Path) -> None:
    """Words, captions, file names, names and chats: not in Postgres, NATS, logs, records or arguments."""
    ann = {**person(CHAT, "Wintergreen"), "username": "wintergreen"}
    async with telegram_darkroom(home) as (darkroom, api):
        for text in SAID:
            api.user_says(CHAT, text, user=ann)
        api.user_sends_photo(CHAT, image_bytes(), caption="/qwen wintergreen", user=ann)
        api.user_sends_document(
            CHAT, image_bytes(), file_name="wintergreen.jpg", mime_type="image/jpeg", user=ann
        )
        api.user_says(GROUP, "/f wintergreen", user=ann)
        await _write_on_the_web(darkroom)
        darkroom.kill("ingress-telegram")  # what it says when it starts anew counts too
        await api.until(lambda: api.pending_updates == 0, 60)
        await api.until(lambda: len(pictures(api, CHAT)) >= 2 and pictures(api, GROUP), 60)
        arguments = [
            word
            for process in psutil.Process(darkroom.record.pid).children(recursive=True)
            for word in (*process.cmdline(), *process.environ().values())
        ]
    # Stopped in order, so that Postgres has written its pages.
    assert [] == [word for word in arguments if any(planted.decode() in word for planted in PLANTED)]
    assert set() == _found(home)
