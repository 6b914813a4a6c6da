"""SIGTERM: streams end at once, uploads in hand are finished or refused with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from aiohttp.web import Request

from schemas.commands import RequestRender
from services.ingress.web import form, saying
from services.ingress.web.form import Form, Take
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat
from tests.integration.ingress_web.visiting import Visit

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


class Upload:
    """A message of which the last part is sent only when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.in_hand = asyncio.Event()
        self.go_on = asyncio.Event()

        async def read_form(request: Request, take: Take) -> Form:
            self.in_hand.set()
            return await form.read_form(request, take)

        monkeypatch.setattr(saying, "read_form", read_form)

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The parts."""
        yield f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{uuid4()}\r\n'.encode()
        await self.go_on.wait()
        yield b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n/f a cat\r\n--x--\r\n'


@pytest.fixture
def upload(monkeypatch: pytest.MonkeyPatch) -> Upload:
    """An upload that can be held."""
    return Upload(monkeypatch)


async def test_streams_end_at_once(web: WebChat, visit: Visit) -> None:
    """The page sees the end of the stream, not a broken connection, and the process is gone soon after."""
    async with visit.events() as stream:
        await stream.until("history")
        web.stopping.set()
        end = await stream.next(timeout_s=2)
    async with asyncio.timeout(5):
        await web.task

    assert end is None


async def test_an_upload_that_ends_in_time_is_taken(
    web: WebChat, visit: Visit, orchestrator: FakeOrchestrator, upload: Upload
) -> None:
    """What was in hand when the signal came is finished."""
    posting = asyncio.create_task(visit.post("/say", data=upload.chunks(), headers=MULTIPART))
    await upload.in_hand.wait()
    web.stopping.set()
    for _ in range(10):
        await asyncio.sleep(0)  # the service notices
    upload.go_on.set()
    response = await posting
    await web.task

    assert 202 == response.status
    await orchestrator.next(RequestRender)


async def test_an_upload_that_does_not_is_refused(web: WebChat, visit: Visit, upload: Upload) -> None:
    """503 and a sentence instead of a broken connection."""
    posting = asyncio.create_task(visit.post("/say", data=upload.chunks(), headers=MULTIPART))
    await upload.in_hand.wait()
    web.stopping.set()
    response = await posting
    upload.go_on.set()
    async with asyncio.timeout(10):
        await web.task

    assert (503, "stopping") == (response.status, response.json()["code"])


async def test_a_refused_upload_holds_nothing_up(web: WebChat, visit: Visit) -> None:
    """Its rest is still being thrown away when the signal comes."""
    async with visit.announcing(100_000_000) as answer:
        await answer.readline()
        web.stopping.set()
        async with asyncio.timeout(5):
            await web.task
