"""Files that a socket told of are fetched early; what becomes of them is for the history to say."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.renderer import ahead as module
from services.renderer.ahead import FILES_MAX, Ahead
from services.renderer.comfyui.outputs import OutputFile
from services.renderer.comfyui.transport import Transport
from services.renderer.service import new_session
from tests.integration.renderer.bench import png
from tests.servers import eventually


def file(name: str) -> OutputFile:
    return OutputFile(filename=name, subfolder="", type="output")


class Backend:
    """Serves ``/view``; ``asked`` counts how often each file was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.let_go = asyncio.Event()

    async def view(self, request: web.Request) -> web.Response:
        name = request.query["filename"]
        self.asked[name] += 1
        if name.startswith("slow"):
            await self.let_go.wait()
        if name.startswith("gone"):
            return web.Response(status=404)
        if name.startswith("odd"):
            return web.Response(body=b"this is no picture")
        return web.Response(body=png())


@asynccontextmanager
async def fetching() -> AsyncGenerator[tuple[Ahead, Backend]]:
    backend = Backend()
    app = web.Application()
    app.router.add_get("/gpu/view", backend.view)
    async with TestServer(app) as server, new_session() as session:
        ahead = Ahead(Transport(session, str(server.make_url("")).rstrip("/"), "gpu", uuid4()))
        try:
            yield ahead, backend
        finally:
            backend.let_go.set()
            await ahead.close()


async def test_a_file_that_was_told_is_fetched_once() -> None:
    """However often it is told of; and it is handed out once, so that it is in memory no longer than that."""
    async with fetching() as (ahead, backend):
        ahead.begin([file("a.png")])
        ahead.begin([file("a.png")])
        clean = await ahead.take(file("a.png"))

        assert clean is not None
        assert (64, 48) == (clean.width_px, clean.height_px)
        assert await ahead.take(file("a.png")) is None
        assert 1 == backend.asked["a.png"]


async def test_a_file_that_was_not_told_is_not_handed_out() -> None:
    """The history may name another one: that is fetched as ever."""
    async with fetching() as (ahead, _):
        ahead.begin([file("told.png")])
        assert await ahead.take(file("real.png")) is None


@pytest.mark.parametrize("name", ["gone.png", "odd.png"])
async def test_a_file_that_could_not_be_had_is_as_if_nobody_had_tried(name: str) -> None:
    """Whether that is a failure is found when it is fetched because it has to be."""
    async with fetching() as (ahead, backend):
        ahead.begin([file(name)])
        assert await ahead.take(file(name)) is None
        assert 1 == backend.asked[name]


async def test_what_is_large_or_moves_is_left_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Early files are held in memory, so they are few and small."""
    monkeypatch.setattr(module, "FILE_BYTES_MAX", 20)
    async with fetching() as (ahead, backend):
        ahead.begin([file("film.mp4"), file("large.png")])
        assert await ahead.take(file("film.mp4")) is None
        assert await ahead.take(file("large.png")) is None
        assert {"large.png": 1} == backend.asked

    async with fetching() as (ahead, backend):
        many = [file(f"{number}.png") for number in range(FILES_MAX + 3)]
        ahead.begin(many)
        for one in many:
            await ahead.take(one)
        assert FILES_MAX == backend.asked.total()


async def test_what_nobody_took_is_dropped_on_its_way() -> None:
    """A cancelled attempt leaves nothing running behind it."""
    async with fetching() as (ahead, backend):
        before = asyncio.all_tasks()
        ahead.begin([file("slow.png")])

        async def is_asked() -> bool:
            return backend.asked["slow.png"] == 1

        await eventually(is_asked)
        await ahead.close()
        left = {task for task in asyncio.all_tasks() - before if "Ahead" in repr(task.get_coro())}
        assert set() == left
        assert await ahead.take(file("slow.png")) is None
