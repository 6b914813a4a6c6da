"""The guard: what passes from the hidden service to the ComfyUI beside it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web

from services.tunnel.host.guard import Limits
from tests.integration.tunnel.host.running import house
from tests.integration.tunnel.running import DEADLINE_S, backend, tunnel_to

MIB = 1024 * 1024


async def show(request: web.Request) -> web.Response:
    """Answer with what arrived."""
    return web.json_response([request.method, request.raw_path, len(await request.read())])


async def test_the_allow_list_without_a_name_in_front(tmp_path: Path) -> None:
    """What Darkroom uses passes; what else ComfyUI has does not, nor does a backend's name."""
    async with backend(show) as port, house(f"http://127.0.0.1:{port}", tmp_path) as one:
        async with one.client.get("/view?filename=a%20b.png") as answer:
            assert ["GET", "/view?filename=a%20b.png", 0] == await answer.json()
        for path in ("/userdata", "/comfyui/queue", "/-/status", "/api/queue", "/"):
            async with one.client.get(path) as answer:
                assert (403, "route-refused") == (answer.status, answer.headers["Darkroom-Error"])
        async with one.client.post("/queue", json={"clear": True}) as answer:
            assert 400 == answer.status
        async with one.client.get("/queue", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert 403 == answer.status


async def test_nobody_else_reaches_the_socket(tmp_path: Path) -> None:
    """The socket is closed to other users, and so is its folder."""
    async with backend(show) as port, house(f"http://127.0.0.1:{port}", tmp_path) as one:
        assert 0o600 == stat.S_IMODE(one.socket.stat().st_mode)
        assert 0o700 == stat.S_IMODE(one.socket.parent.stat().st_mode)


async def test_what_this_host_can_do(tmp_path: Path) -> None:
    """Whoever asks is told, without ComfyUI: here that no files are purged."""
    async with (
        house("http://127.0.0.1:9", tmp_path, limits=Limits(body_max_bytes=7)) as one,
        one.client.get("/darkroom/host") as answer,
    ):
        assert {"version": 1, "purges_files": False, "body_max_bytes": 7} == await answer.json()


@pytest.mark.parametrize("framed", ["length", "chunks"])
async def test_a_large_body_is_refused(tmp_path: Path, framed: str) -> None:
    """More than the host takes is 413, told by its length or met on the way; up to that it passes."""

    async def chunks(size: int) -> AsyncGenerator[bytes]:
        for _ in range(size // (MIB // 4)):
            yield bytes(MIB // 4)

    def body(size: int) -> BytesIO | AsyncGenerator[bytes]:
        return BytesIO(bytes(size)) if framed == "length" else chunks(size)

    limits = Limits(body_max_bytes=MIB)
    async with backend(show) as port, house(f"http://127.0.0.1:{port}", tmp_path, limits=limits) as one:
        async with one.client.post("/upload/image", data=body(MIB)) as answer:
            assert MIB == (await answer.json())[2]
        async with one.client.post("/upload/image", data=body(2 * MIB)) as answer:
            assert (413, "body-too-large") == (answer.status, answer.headers["Darkroom-Error"])


async def test_a_burst_is_slowed_down(tmp_path: Path) -> None:
    """Beyond the burst it is 429 with the seconds to wait; when these have passed, it is taken again."""
    limits = Limits(per_s=0.25, burst=2)
    async with backend(show) as port, house(f"http://127.0.0.1:{port}", tmp_path, limits=limits) as one:
        for _ in range(2):
            assert 200 == (await one.client.get("/queue")).status
        async with one.client.get("/queue") as answer:
            assert (429, "too-many-requests", "4") == (
                answer.status,
                answer.headers["Darkroom-Error"],
                answer.headers["Retry-After"],
            )
        one.clock.now += 4
        assert 200 == (await one.client.get("/queue")).status


async def test_so_much_at_once(tmp_path: Path) -> None:
    """Requests under way are counted, and one that ends makes place for another."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response()

    limits = Limits(open=1)
    async with backend(slow) as port, house(f"http://127.0.0.1:{port}", tmp_path, limits=limits) as one:
        first = asyncio.create_task(one.client.get("/queue"))
        await asyncio.wait_for(begun.wait(), DEADLINE_S)
        async with one.client.get("/queue") as answer:
            assert (429, "too-many-open") == (answer.status, answer.headers["Darkroom-Error"])
        go_on.set()
        assert 200 == (await first).status
        assert 200 == (await one.client.get("/queue")).status


async def test_so_many_websockets(tmp_path: Path) -> None:
    """WebSockets have a limit of their own; one that is closed makes place."""

    async def echo(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    limits = Limits(websockets=1, open=1)
    async with backend(echo) as port, house(f"http://127.0.0.1:{port}", tmp_path, limits=limits) as one:
        socket = await one.client.ws_connect("/ws?clientId=a")
        await socket.send_str("hello")
        assert "hello" == await socket.receive_str(timeout=DEADLINE_S)
        with pytest.raises(WSServerHandshakeError) as refused:
            await one.client.ws_connect("/ws?clientId=b")
        assert 429 == refused.value.status
        await socket.close()
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    await (await one.client.ws_connect("/ws?clientId=c")).close()
                except WSServerHandshakeError:
                    await asyncio.sleep(0.02)
                else:
                    break


async def test_what_the_other_end_hears_of_comfyui(client: ClientSession, tmp_path: Path) -> None:
    """That ComfyUI is off is known at the other end; what only its own tunnel can say is not believed."""
    said = {"Darkroom-Error": "backend-refused"}

    async def answer(request: web.Request) -> web.Response:
        code = "tunnel-down" if request.path == "/features" else said["Darkroom-Error"]
        return web.Response(status=502, headers={"Darkroom-Error": code})

    async with backend(answer) as port, tunnel_to(port) as url:
        async with client.get(f"{url}/queue") as passed:
            assert "backend-refused" == passed.headers["Darkroom-Error"]
        async with client.get(f"{url}/features") as dropped:
            assert "Darkroom-Error" not in dropped.headers
    async with house("http://127.0.0.1:9", tmp_path) as one, one.client.get("/queue") as own:
        assert (502, "backend-refused") == (own.status, own.headers["Darkroom-Error"])
