"""Uploads: refused as soon as they are too much, in bounded memory, and always with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from schemas.commands import RequestRender
from services.common.keys import Keyring
from services.ingress.picture_file import MAX_FILE_BYTES
from services.ingress.web import saying
from tests.botapi.pictures import film_bytes, moving_bytes, sound_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat, serving
from tests.integration.ingress_web.visiting import Visit, Visiting, png
from tests.servers import NatsServer

MB = 1024 * 1024


class Body:
    """A multipart body made as it is sent, which counts how far it came."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self.sent_bytes = 0

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The parts of a message with one file."""
        yield f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{uuid4()}\r\n'.encode()
        yield b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n/qwen a hat\r\n'
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n'
        while self.sent_bytes < self._size_bytes:
            yield bytes(MB)
            self.sent_bytes += MB
        yield b"\r\n--x--\r\n"


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


async def test_a_100_mb_upload_gets_the_sentence(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """A client that sends all of it before it reads finds 413 and the limit, and nothing was submitted."""
    body = bytes(100 * MB)
    response = await visit.say("/qwen a hat", body)

    assert 413 == response.status
    answer = response.json()
    assert "too-large" == answer["code"]
    assert f"{MAX_FILE_BYTES // MB} MB" in answer["error"]
    assert [] == orchestrator.heard


async def test_an_announced_length_is_refused_before_the_body(visit: Visit) -> None:
    """413 arrives while the client has sent nothing but headers."""
    async with visit.announcing(100 * MB) as answer:
        status = await answer.readline()

    assert b"HTTP/1.1 413 Request Entity Too Large\r\n" == status


async def test_an_unannounced_length_is_refused_at_the_limit(visit: Visit) -> None:
    """Without a Content-Length the answer comes once the file has passed its limit."""
    body = Body(200 * MB)
    async with visit.http.post(visit.url + "/say", data=body.chunks(), headers=MULTIPART) as response:
        answered_after_bytes = body.sent_bytes

    assert 413 == response.status
    assert answered_after_bytes < 2 * MAX_FILE_BYTES


async def test_a_file_that_is_just_small_enough_is_not_too_large(visit: Visit) -> None:
    """At the limit it is read, and then refused for what it is."""
    response = await visit.say("/qwen a hat", bytes(MAX_FILE_BYTES))

    assert (415, "unsupported-file") == (response.status, response.json()["code"])


async def test_what_is_no_picture_is_refused(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """A broken picture, a text, an empty file: each its own code, nothing submitted."""
    broken = await visit.say("/qwen a hat", png(64, 64)[:-40])
    text = await visit.say("/qwen a hat", b"hello")
    empty = await visit.say("/qwen a hat", b"")

    assert [400, 415, 400] == [broken.status, text.status, empty.status]
    assert ["bad-image-file", "unsupported-file", "bad-image-file"] == [
        answer.json()["code"] for answer in (broken, text, empty)
    ]
    assert [] == orchestrator.heard


async def test_what_moves_or_sounds_is_told_so(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """A video, a sound, a GIF: each its own sentence, nothing submitted."""
    answers = [
        await visit.say("/qwen a hat", data) for data in (film_bytes(), sound_bytes(), moving_bytes("GIF"))
    ]

    assert [415] * 3 == [answer.status for answer in answers]
    assert ["video-file", "audio-file", "moving-picture"] == [answer.json()["code"] for answer in answers]
    assert [] == orchestrator.heard


async def test_a_fourth_picture_is_refused(visit: Visit) -> None:
    """Up to three pictures come with a message."""
    response = await visit.say("/qwen a hat", *[png()] * 4)

    assert (400, "too-many-pictures") == (response.status, response.json()["code"])


async def test_a_text_without_end_is_refused(visit: Visit) -> None:
    """A text field has a limit of its own, far above any prompt."""
    response = await visit.say("/f " + "x" * 100_000)

    assert (413, "text-too-long") == (response.status, response.json()["code"])


async def test_a_session_uploads_a_few_at_a_time(visit: Visit, visiting: Visiting) -> None:
    """The fifth upload at once waits its turn, another session's does not."""
    other = await visiting()
    held = asyncio.Event()

    async def stalled() -> AsyncGenerator[bytes]:
        yield b"--x\r\n"
        await held.wait()

    posts = [asyncio.create_task(visit.post("/say", data=stalled(), headers=MULTIPART)) for _ in range(5)]
    done, waiting = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    elsewhere = await other.say("/f a cat")
    held.set()
    await asyncio.wait(waiting)

    assert [(429, "too-many-uploads")] == [
        (post.result().status, post.result().json()["code"]) for post in done
    ]
    assert 4 == len(waiting)
    assert 202 == elsewhere.status
    assert 202 == (await visit.say("/f a cat")).status


async def test_a_broken_connection_submits_nothing(
    web: WebChat, visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """Half a message is no message."""

    async def half() -> AsyncGenerator[bytes]:
        chunks = Body(MB).chunks()
        for _ in range(4):
            yield await anext(chunks)
        raise ConnectionAbortedError

    with suppress(aiohttp.ClientError):
        await visit.post("/say", data=half(), headers=MULTIPART)
    assert 202 == (await visit.say("/f a cat")).status
    command = await orchestrator.next(RequestRender)

    assert "f" == command.command


async def test_all_uploads_together_have_a_limit(
    nats: NatsServer,
    orchestrator: FakeOrchestrator,
    key_file: Path,
    keyring: Keyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What would take more memory than there is for uploads has to wait, and is told so; nothing leaks."""
    monkeypatch.setattr(saying, "_UPLOAD_MEMORY_BYTES", 100_000)
    async with serving(nats, key_file) as running:
        await running.until_ready()
        visit = Visit(running.url, keyring)
        await visit.get("/")
        large = await visit.say("/qwen a hat", bytes(200_000))
        small = [(await visit.say("/f " + "x" * 3000)).status for _ in range(40)]
        await visit.http.close()

    assert (503, "busy") == (large.status, large.json()["code"])
    assert {202} == set(small)
