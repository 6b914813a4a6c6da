"""A guard in this process, at a socket, before a simulated ComfyUI or any backend."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from msgspec import Struct

from services.devstack.comfyui import Simulator, SimulatorConfig, running_simulator
from services.tunnel.backends import parse_backends
from services.tunnel.host.comfyui import OwnComfyUI
from services.tunnel.host.folders import Folders
from services.tunnel.host.guard import Guard, Limits
from services.tunnel.host.purge import Purge
from services.tunnel.host.seen import Seen
from services.tunnel.host.socket_listener import SocketListener
from services.tunnel.host.sweep import Sweep
from services.tunnel.proxy import Proxy
from services.tunnel.stall import Idle
from services.tunnel.ways import direct_ways

PROMPT = UUID("0b9c4f0e-3a55-4a07-9d2a-2f0e4bb7a001")
DIGEST = "0a" * 32
INPUT = f"darkroom-{DIGEST}.png"


class Clock:
    """Time as a test says it is, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class House(Struct, frozen=True, kw_only=True):
    """
    A host without a hidden service.

    Attributes:
        client: Of whoever comes in; it knows nothing but paths.
        socket: Where the guard listens.
        sweep: Its sweep, run by hand.
        clock: By which it waits.
    """

    client: aiohttp.ClientSession
    socket: Path
    sweep: Sweep
    clock: Clock

    async def purge(self, prompt: UUID = PROMPT, *inputs: str) -> tuple[int, Any]:
        """Ask for a purge: the status, and what was said."""
        body = {"prompt_id": str(prompt), "inputs": list(inputs)}
        async with self.client.post("/darkroom/purge", json=body) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def house(
    url: str,
    home: Path,
    folders: Folders | None = None,
    limits: Limits | None = None,
    *,
    grace_s: float = 60.0,
) -> AsyncGenerator[House]:
    """A host before the ComfyUI at *url*, with its socket below *home*."""
    backend = parse_backends(f"comfyui={url}")["comfyui"]
    clock, inputs, prompts = Clock(), Seen(), Seen()
    socket = home / "run" / "guard.socket"
    async with direct_ways() as ways:
        own = OwnComfyUI(backend, ways)
        purge = Purge(own, folders, inputs, grace_s=grace_s, clock=clock)
        guard = Guard(backend, purge, limits or Limits(), inputs, prompts, clock=clock)
        sweep = Sweep(own, folders, purge, prompts, retention_s=3600, every_s=60, clock=clock)
        proxy = Proxy(guard, ways, idle=Idle(answer_s=10, upload_s=10, body_s=10))
        async with (
            SocketListener(proxy, socket).listening(),
            aiohttp.ClientSession(
                "http://host", connector=aiohttp.UnixConnector(str(socket)), timeout=aiohttp.ClientTimeout(30)
            ) as client,
        ):
            yield House(client=client, socket=socket, sweep=sweep, clock=clock)


@asynccontextmanager
async def house_of_simulator(
    folder: Path, limits: Limits | None = None, *, grace_s: float = 60.0, **options: Any
) -> AsyncGenerator[tuple[House, Simulator]]:
    """A host beside a simulated ComfyUI that keeps its files below *folder*."""
    config = SimulatorConfig(base_dir=folder / "comfyui", **{"step_s": 0.02, **options})
    async with running_simulator(config) as simulator:
        base = folder / "comfyui"
        folders = Folders.checked(input=base / "input", output=base / "output", temp=base / "temp")
        async with house(simulator.url, folder, folders, limits, grace_s=grace_s) as one:
            yield one, simulator
