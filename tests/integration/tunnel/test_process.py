"""The tunnel as it is started: ``python -m services.tunnel``."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientConnectionError, ClientSession, web

from tests.integration.tunnel.running import DEADLINE_S, backend, scripted
from tests.servers import eventually

ROOT = Path(__file__).parents[3]
BODY_BYTES = 100 * 1024 * 1024
CHUNK = bytes(256 * 1024)
# A proxy that the environment names must not be used: all tests here run with one that is not there.
NOWHERE = {"http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"}
GROWTH_MAX_BYTES = 24 * 1024 * 1024


@dataclass
class Running:
    """A started tunnel."""

    process: Process
    url: str
    health_url: str

    def peak_bytes(self) -> int:
        """The most memory it has ever had resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024

    async def log(self) -> list[dict[str, object]]:
        """The log's remaining lines; waits for the process to end."""
        assert self.process.stderr
        return [msgspec.json.decode(line) for line in (await self.process.stderr.read()).splitlines()]


async def start(**environ: str) -> Process:
    """Start it in *environ*."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.tunnel",
        env={"PATH": os.environ["PATH"], **NOWHERE, **environ},
        cwd=ROOT,
        stderr=PIPE,
    )


@asynccontextmanager
async def started(port: int) -> AsyncGenerator[Running]:
    """A tunnel whose backend ``one`` is at *port*."""
    process = await start(
        DARKROOM_BACKENDS=f"one=http://127.0.0.1:{port}",
        DARKROOM_TUNNEL="direct",
        TUNNEL_PORT="0",
        HEALTH_PORT="0",
    )
    try:
        assert process.stderr
        said = msgspec.json.decode(await asyncio.wait_for(process.stderr.readline(), 20))
        yield Running(
            process, f"http://127.0.0.1:{said['port']}/one", f"http://127.0.0.1:{said['health_port']}"
        )
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["DARKROOM_BACKENDS", "name=http://host:port"]),
        ({"DARKROOM_BACKENDS": "one=http://127.0.0.1:1"}, ["DARKROOM_TUNNEL", "direct"]),
        (
            {"DARKROOM_BACKENDS": "far=http://10.0.0.5:8188", "DARKROOM_TUNNEL": "direct"},
            ["'far'", "10.0.0.5", "DARKROOM_TUNNEL=anon"],
        ),
        (
            {
                "DARKROOM_BACKENDS": "one=http://127.0.0.1:1",
                "DARKROOM_TUNNEL": "anon",
                "ANON_BINARY": "/bin/true",
                "DARKROOM_HOME": "/proc/nowhere",
            },
            ["/proc/nowhere", "DARKROOM_HOME"],
        ),
        (
            {
                "DARKROOM_BACKENDS": "one=http://127.0.0.1:1",
                "DARKROOM_TUNNEL": "anon",
                "ANON_BINARY": "/bin/false/nowhere",
            },
            ["ANON_BINARY", "/bin/false/nowhere"],
        ),
        (
            {
                "DARKROOM_BACKENDS": "one=http://127.0.0.1:1",
                "DARKROOM_TUNNEL": "direct",
                "TUNNEL_IDLE_TIMEOUT_S": "0",
            },
            ["TUNNEL_IDLE_TIMEOUT_S", "seconds"],
        ),
    ],
)
async def test_it_says_why_it_does_not_start(environ: dict[str, str], words: list[str]) -> None:
    """A setting that is missing, wrong or unsafe ends it at once, in one sentence with the remedy."""
    process = await start(**environ)
    _, said = await asyncio.wait_for(process.communicate(), 20)

    assert 78 == process.returncode
    assert 1 == said.count(b"\n")
    assert [] == [word for word in words if word not in said.decode()]


async def test_a_taken_port_is_named() -> None:
    """Someone else on its port: the message names the setting."""

    async def idle(*_: object) -> None:
        await asyncio.Event().wait()

    async with scripted(idle) as port:
        process = await start(
            DARKROOM_BACKENDS="one=http://127.0.0.1:1",
            DARKROOM_TUNNEL="direct",
            TUNNEL_PORT=str(port),
            HEALTH_PORT="0",
        )
        _, said = await asyncio.wait_for(process.communicate(), 20)

    assert 78 == process.returncode
    assert f"TUNNEL_PORT={port}" in said.decode()


async def test_memory_stays_constant(client: ClientSession) -> None:
    """100 MiB up and 100 MiB down leave the process no larger than a few chunks more."""
    took = 0

    async def transfer(request: web.Request) -> web.StreamResponse:
        nonlocal took
        if request.method == "POST":
            async for chunk in request.content.iter_any():
                took += len(chunk)
            return web.Response()
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(BODY_BYTES // len(CHUNK)):
            await response.write(CHUNK)
        return response

    async def body() -> AsyncGenerator[bytes]:
        for _ in range(BODY_BYTES // len(CHUNK)):
            yield CHUNK

    came = 0
    async with backend(transfer) as port, started(port) as tunnel:
        async with client.get(f"{tunnel.url}/queue", allow_redirects=False):
            before = tunnel.peak_bytes()
        async with client.post(f"{tunnel.url}/upload/image", data=body()):
            pass
        async with client.get(f"{tunnel.url}/view?filename=a.mp4") as answer:
            async for chunk in answer.content.iter_any():
                came += len(chunk)
        grown = tunnel.peak_bytes() - before

    assert (BODY_BYTES, BODY_BYTES) == (took, came)
    assert grown < GROWTH_MAX_BYTES


async def test_sigterm_finishes_what_is_under_way(client: ClientSession) -> None:
    """After SIGTERM no new connection is taken, an upload and its answer are finished; it exits with 0."""
    begun, took = asyncio.Event(), 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal took
        begun.set()
        async for chunk in request.content.iter_any():
            took += len(chunk)
        return web.Response(text="done")

    async def body() -> AsyncGenerator[bytes]:
        yield CHUNK
        await begun.wait()
        tunnel.process.send_signal(signal.SIGTERM)
        async with ClientSession() as other, asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    async with other.get(f"{tunnel.url}/userdata", headers={"Connection": "close"}):
                        pass
                except ClientConnectionError:
                    break
        yield CHUNK

    async with backend(slow) as port, started(port) as tunnel:
        async with client.post(f"{tunnel.url}/upload/image", data=body()) as answer:
            assert "done" == await answer.text()
        assert 0 == await asyncio.wait_for(tunnel.process.wait(), DEADLINE_S)

    assert 2 * len(CHUNK) == took


async def test_a_cut_body_is_cut_in_production_too(client: ClientSession) -> None:
    """On the loop that runs in production, uvloop, half an answer is a broken connection as well."""

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()

    async with scripted(cut) as port, started(port) as tunnel:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(tunnel.url.split(":")[2].split("/")[0])
        )
        writer.write(b"GET /one/queue HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), DEADLINE_S)
        writer.close()


async def test_what_an_operator_sees(client: ClientSession, unused_tcp_port: int) -> None:
    """Ready although the backend is off; counters and log lines name the route, never the query."""
    async with started(unused_tcp_port) as tunnel:
        async with client.get(f"{tunnel.url}/view?filename=secret.png") as answer:
            assert 502 == answer.status
        async with client.get(f"{tunnel.health_url}/readyz") as ready:
            assert 200 == ready.status
        async with client.get(f"{tunnel.health_url}/metrics") as metrics:
            counters = await metrics.text()
        tunnel.process.send_signal(signal.SIGTERM)
        lines = await tunnel.log()

    labels = 'backend="one",ended="backend-refused",route="GET /view",status="502"'
    assert f"darkroom_tunnel_requests_total{{{labels}}} 1.0" in counters
    assert "secret" not in f"{counters}{lines}"
    request = next(line for line in lines if line["event"] == "request")
    assert ("one", "GET /view", 502, "backend-refused") == (
        request["backend"],
        request["route"],
        request["status"],
        request["ended"],
    )


async def test_its_status_tells_the_canary_s_verdict(client: ClientSession) -> None:
    """By the tunnel's own account: what its last check for ways around it came to, and when."""

    async def answers(_: web.BaseRequest) -> web.Response:
        return web.json_response({})

    async with backend(answers) as port, started(port) as tunnel:
        own = tunnel.url.removesuffix("/one") + "/-/status"

        async def verdict() -> dict[str, object]:
            async with client.get(own) as status:
                return (await status.json()).get("egress", {}).get("tunnel", {})

        found = await eventually(verdict)

    assert ("verified", "") == (found["verdict"], found["reason"])
    assert float(str(found["at"])) > 0
