"""SIGTERM: streams end at once, uploads in hand are finished or refused with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import uuid4

from schemas.commands import RequestRender
from tests.integration.ingress_web.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import Running
from tests.integration.ingress_web.visiting import Visit

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


class Upload:
    """A message of which the last part is sent only when the test says so."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The parts."""
        yield f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{uuid4()}\r\n'.encode()
        self.begun.set()
        await self.go_on.wait()
        yield b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n/f a cat\r\n--x--\r\n'


async def test_streams_end_at_once(web: Running, visit: Visit) -> None:
    """The page sees the end of the stream, not a broken connection, and the process is gone soon after."""
    async with visit.events() as stream:
        await stream.until("history")
        web.stopping.set()
        end = await stream.next(timeout_s=2)
    async with asyncio.timeout(5):
        await web.task

    assert end is None


async def test_an_upload_that_ends_in_time_is_taken(
    web: Running, visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """What was in hand when the signal came is finished."""
    upload = Upload()
    posting = asyncio.create_task(visit.post("/say", data=upload.chunks(), headers=MULTIPART))
    await upload.begun.wait()
    web.stopping.set()
    upload.go_on.set()
    response = await posting
    await web.task

    assert 202 == response.status
    assert 1 == len(await orchestrator.commands(RequestRender, 1))


async def test_an_upload_that_does_not_is_refused(web: Running, visit: Visit) -> None:
    """503 and a sentence instead of a broken connection."""
    upload = Upload()
    posting = asyncio.create_task(visit.post("/say", data=upload.chunks(), headers=MULTIPART))
    await upload.begun.wait()
    web.stopping.set()
    response = await posting
    upload.go_on.set()
    async with asyncio.timeout(10):
        await web.task

    assert (503, "stopping") == (response.status, response.json()["code"])
