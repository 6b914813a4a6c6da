"""What passes through circuits, who shares them, and how they end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web

from services.tunnel.proxy import CHAIN_HEADER
from services.tunnel.stall import Idle
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel_anon.hosts import Host, hosted
from tests.integration.tunnel_anon.tunnels import Tunnel, backend, tunnel

WELL = (200, "")
FILE = os.urandom(3 * 1024 * 1024)
HALF = len(FILE) // 2
SHORT = Idle(answer_s=10, upload_s=10, body_s=3)


class ComfyUI:
    """A backend with a file, an upload folder and an echo; it may stop in the middle of the file."""

    def __init__(self) -> None:
        self.uploaded = 0
        self.stops = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer as ComfyUI's routes do."""
        match request.path:
            case "/view":
                return await self._view(request)
            case "/upload/image":
                async for chunk in request.content.iter_any():
                    self.uploaded += len(chunk)
                return web.json_response({"name": "picture.png"})
            case "/ws":
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                async for message in socket:
                    await socket.send_str(message.data)
                return socket
            case _:
                return web.json_response({})

    async def _view(self, request: web.Request) -> web.StreamResponse:
        start = request.http_range.start or 0
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(FILE) - 1}/{len(FILE)}"
        response.content_length = len(FILE) - start
        await response.prepare(request)
        await response.write(FILE[start : HALF if self.stops else len(FILE)])
        if self.stops:
            await asyncio.sleep(120)
        return response


async def socket(at: Tunnel, chain: str) -> ClientWebSocketResponse[bool]:
    """An open WebSocket that has echoed once."""
    opened = await at.client.ws_connect(f"{at.url}/gpu/ws?clientId=x", headers={CHAIN_HEADER: chain})
    await opened.send_str("hello")
    assert "hello" == (await opened.receive()).data
    return opened


async def end_of(opened: ClientWebSocketResponse[bool]) -> bool:
    """Wait for the end of a WebSocket on which nothing is said any more; whether that is what came."""
    try:
        return (await opened.receive()).type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}
    except aiohttp.ClientConnectionResetError:
        return True  # while a ping was answered


def circuits_of(status: dict[str, Any]) -> dict[str, str]:
    """The circuit of each stream that is open."""
    streams = status["report"]["streams"]
    return {one["id"]: one["circuit"] for one in streams if one["status"] == "SUCCEEDED"}


async def test_chains_are_kept_apart_and_each_together(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """Seen at anon's control port: the streams of two chains' sockets are on two circuits, one for each."""
    async with backend(host, ComfyUI().handle), tunnel(network, home, client, gpu=host.address) as at:
        await at.until(WELL)
        seen: list[set[str]] = []
        opened: list[ClientWebSocketResponse[bool]] = []
        for chain in ("a", "b", "a", "b", "a", "b"):
            before = circuits_of(await at.status())
            opened.append(await socket(at, chain))
            after = circuits_of(await at.status())
            seen.append({circuit for stream, circuit in after.items() if stream not in before})
        # A chain's first may have a spare's stream. A spare that is made meanwhile is one more new stream,
        # on a circuit that no chain has.
        a, b = seen[2] & seen[4], seen[3] & seen[5]

    assert 1 == len(a), seen
    assert 1 == len(b), seen
    assert a != b


async def test_bodies_pass_whole_and_in_parts(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """A download, the rest of it by Range, and an upload in chunks."""
    comfyui = ComfyUI()

    async def picture() -> Any:
        for start in range(0, len(FILE), 65536):
            yield FILE[start : start + 65536]

    async with backend(host, comfyui.handle), tunnel(network, home, client, gpu=host.address) as at:
        await at.until(WELL)
        async with client.get(f"{at.url}/gpu/view?filename=x") as answer:
            whole = await answer.read()
        async with client.get(f"{at.url}/gpu/view?filename=x", headers={"Range": f"bytes={HALF}-"}) as answer:
            status, part = answer.status, await answer.read()
        async with client.post(f"{at.url}/gpu/upload/image", data=picture()) as answer:
            assert 200 == answer.status

    assert whole == FILE
    assert (206, FILE[HALF:]) == (status, part)
    assert len(FILE) == comfyui.uploaded


async def test_a_host_that_dies_is_noticed_and_comes_back(
    anon_network: SharedNetwork, tmp_path: Path, home: Path, client: aiohttp.ClientSession
) -> None:
    """
    In the middle of a file and of a silent WebSocket: both end, though anon may say nothing for a minute.

    What is asked meanwhile ends too. Once the host is back, the rest is had by Range, on a fresh circuit.
    """
    comfyui = ComfyUI()
    comfyui.stops = True
    with hosted(anon_network, tmp_path / "host") as host:
        async with (
            backend(host, comfyui.handle),
            tunnel(anon_network, home, client, idle=SHORT, heartbeat_s=2, gpu=host.address) as at,
        ):
            await at.until(WELL)
            opened = await socket(at, "b")
            async with client.get(f"{at.url}/gpu/view?filename=x", headers={CHAIN_HEADER: "a"}) as answer:
                had = await answer.content.readexactly(HALF)
                host.process.kill()
                began = asyncio.get_running_loop().time()
                with pytest.raises(aiohttp.ClientError):
                    await answer.content.read()
            ended = await end_of(opened)
            took_s = asyncio.get_running_loop().time() - began
            during = await at.ask(chain="a")
            host.process.start()
            comfyui.stops = False
            await at.until(WELL)
            rest = {"Range": f"bytes={HALF}-", CHAIN_HEADER: "a"}
            async with client.get(f"{at.url}/gpu/view?filename=x", headers=rest) as answer:
                had += await answer.read()

    assert took_s < 20
    assert ended
    assert during[0] >= 502
    assert had == FILE


async def test_an_anon_that_is_killed_refuses_at_once_and_comes_back(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """What was under way ends, what is asked is refused within moments, and later it works again."""
    async with backend(host, ComfyUI().handle), tunnel(network, home, client, gpu=host.address) as at:
        await at.until(WELL)
        opened = await socket(at, "a")
        generation = (await at.status())["life"]["generation"]
        os.kill(_anon_pid(home), 9)
        ended = await end_of(opened)
        began = asyncio.get_running_loop().time()
        refused = await at.ask(chain="a")
        took_s = asyncio.get_running_loop().time() - began
        await at.until(WELL)
        after = (await at.status())["life"]["generation"]

    assert ended
    assert (503, "tunnel-down") == refused
    assert took_s < 1
    assert after > generation


async def test_a_new_identity_is_on_other_circuits(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """A socket that was open stays open on its circuit; the next of the same chain gets another."""
    async with backend(host, ComfyUI().handle), tunnel(network, home, client, gpu=host.address) as at:
        await at.until(WELL)
        old = await socket(at, "a")
        before = circuits_of(await at.status())
        async with client.post(f"{at.url}/-/new-identity") as answer:
            assert 200 == answer.status
        new = await socket(at, "a")
        after = circuits_of(await at.status())
        await old.send_str("still here")
        still = (await old.receive()).data
        await new.close()

    fresh = {circuit for stream, circuit in after.items() if stream not in before}
    assert "still here" == still
    assert fresh
    assert not fresh & set(before.values())


def _anon_pid(home: Path) -> int:
    rc = str(home / "tunnel" / "client" / "anon" / "anonrc").encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if rc in said.split(b"\0"):
            return int(process.name)
    raise AssertionError("no anon runs")
