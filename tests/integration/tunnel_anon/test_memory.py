"""The service's own process: what passes through circuits does not pile up in it."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from services.devstack.ports import free_port
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel_anon.hosts import hosted
from tests.integration.tunnel_anon.tunnels import Tunnel, backend
from tests.servers import ROOT

MIB = 1024 * 1024
UPLOAD_MIB = 24
"""Many times what may pile up; 100 MiB through a network of ten programs on one machine take minutes."""
GROWTH_MAX_BYTES = 10 * MIB


@pytest.mark.timeout(600)
async def test_an_upload_takes_no_memory(
    anon_network: SharedNetwork, tmp_path: Path, home: Path, client: aiohttp.ClientSession
) -> None:
    """Circuits are slower than a client by far: it is held back, whatever it would give at once."""
    arrived = 0

    async def take(request: web.Request) -> web.StreamResponse:
        nonlocal arrived
        async for chunk in request.content.iter_any():
            arrived += len(chunk)
        return web.json_response({})

    async def picture() -> AsyncGenerator[bytes]:
        for _ in range(UPLOAD_MIB):
            yield bytes(MIB)

    home.mkdir()  # noqa: ASYNC240 - of this test alone
    port = free_port()
    with hosted(anon_network, tmp_path / "host") as host:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.tunnel"),
            env={
                "PATH": "/usr/bin:/bin",
                "DARKROOM_BACKENDS": f"gpu=http://{host.address}:80",
                "DARKROOM_TUNNEL": "anon",
                "DARKROOM_HOME": str(home),
                "ANON_BINARY": str(anon_network.binary),
                "ANON_CONFIG": str(anon_network.config_file(home)),
                "ANON_AGREE_TO_TERMS": "yes",
                "TUNNEL_PORT": str(port),
                "HEALTH_PORT": "0",
            },
            cwd=ROOT,
            stderr=DEVNULL,
        )
        try:
            async with backend(host, take):
                at = Tunnel(f"http://127.0.0.1:{port}", client)
                await at.until((200, ""))
                before = peak_bytes(process.pid)
                timeout = aiohttp.ClientTimeout(total=None)
                async with client.post(
                    f"{at.url}/gpu/upload/image", data=picture(), timeout=timeout
                ) as answer:
                    assert 200 == answer.status
                growth = peak_bytes(process.pid) - before
        finally:
            process.terminate()
            await process.wait()

    assert UPLOAD_MIB * MIB == arrived
    assert growth < GROWTH_MAX_BYTES


def peak_bytes(pid: int) -> int:
    """The most memory that a process has ever had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024
