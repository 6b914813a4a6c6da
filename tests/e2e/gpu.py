"""A ComfyUI simulator in a process of its own: a GPU that a test can kill, break and count on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from services.devstack.ports import free_port
from tests.servers import eventually


class Gpu:
    """
    One simulated server on one port, whatever becomes of its process.

    Attributes:
        url: Where it answers while it runs.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._argv = (sys.executable, "-m", "services.devstack.comfyui", "--faults")
        self._argv += ("--port", str(port), "--dir", str(folder), *arguments)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = await asyncio.to_thread(subprocess.Popen, self._argv, stdout=subprocess.DEVNULL)
        await eventually(self._answers, timeout_s=30)

    def kill(self) -> None:
        """SIGKILL it; its history and its queue are gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def fault(self, **faults: Any) -> None:
        """Set some of ``services.devstack.comfyui.faults.Faults``."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/_simulator/faults", json=faults) as response,
        ):
            assert 200 == response.status, await response.text()

    async def rendered(self) -> dict[str, int]:
        """How often each prompt was rendered since it was started."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/_simulator/runs") as response:
            runs: dict[str, dict[str, int]] = await response.json()
            return runs["rendered"]

    async def _answers(self) -> bool:
        try:
            await self.rendered()
        except aiohttp.ClientError:
            return False
        return True


@asynccontextmanager
async def running_gpus(home: Path, *arguments: str) -> AsyncGenerator[tuple[Gpu, Gpu]]:
    """Two of them, killed at the end."""
    gpus = (Gpu(home / "gpu-a", *arguments), Gpu(home / "gpu-b", *arguments))
    try:
        for gpu in gpus:
            await gpu.start()
        yield gpus
    finally:
        for gpu in gpus:
            gpu.kill()
