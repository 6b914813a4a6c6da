"""The renderer as it is started: ``python -m services.renderer``."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from schemas.facts import RenderSucceeded
from services.devstack.ports import free_port
from tests.integration.renderer.bench import Bench, bench
from tests.servers import NatsServer, eventually

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(**environ: str) -> AsyncGenerator[Process]:
    """The renderer in *environ*; killed at the end if it has not ended."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.renderer",
        env={"PATH": os.environ["PATH"], "http_proxy": "http://127.0.0.1:1", **environ},
        cwd=ROOT,
        stderr=PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


def environ_of(studio: Bench, nats: NatsServer, folder: Path, health_port: int) -> dict[str, str]:
    """What a renderer beside *studio* is started with; its key file is made."""
    key_file = folder / "key"
    key_file.write_bytes(base64.b64encode(b"r" * 32))
    return {
        "NATS_URL": nats.urls["renderer"],
        "DARKROOM_KEY_FILE": str(key_file),
        "DARKROOM_BACKENDS": f"gpu={studio.sim.url}",
        "TUNNEL_URL": studio.settings["tunnel_url"],
        "HEALTH_PORT": str(health_port),
    }


async def readiness(port: int) -> dict[str, Any]:
    """What ``/readyz`` says; nothing while it does not answer."""
    try:
        async with (
            ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/readyz") as answer,
        ):
            return dict(await answer.json())
    except ClientError:
        return {}


async def ready(port: int) -> bool:
    """Whether it is ready."""
    return bool((await readiness(port)).get("ready"))


async def test_it_renders_and_ends_in_order(nats: NatsServer, tmp_path: Path) -> None:
    """Ready, it renders through the tunnel whatever the environment's proxies; SIGTERM ends it with 0."""
    port = free_port()
    async with (
        bench(nats, tmp_path / "sim", started=False) as studio,
        process(**environ_of(studio, nats, tmp_path, port)) as renderer,
    ):
        await eventually(lambda: ready(port))
        assert isinstance(await studio.outcome(await studio.order()), RenderSucceeded)
        renderer.send_signal(signal.SIGTERM)

        assert 0 == await asyncio.wait_for(renderer.wait(), 10)


async def test_a_signal_during_a_render_leaves_it_to_the_next(nats: NatsServer, tmp_path: Path) -> None:
    """It does not wait for a long render; the next process follows the same prompt to its end."""
    port = free_port()
    async with bench(nats, tmp_path / "sim", started=False, step_s=0.3) as studio:
        environ = environ_of(studio, nats, tmp_path, port)
        studio.sim.faults.hang_before_step = 2
        async with process(**environ) as renderer:
            order = await studio.order()
            await studio.hanging(order)
            renderer.send_signal(signal.SIGTERM)
            assert 0 == await asyncio.wait_for(renderer.wait(), 10)
        studio.sim.faults.hang_before_step = None
        async with process(**environ):
            assert isinstance(await studio.outcome(order), RenderSucceeded)
            await studio.settled()

        assert 1 == studio.submissions


async def test_killed_during_a_render(nats: NatsServer, tmp_path: Path) -> None:
    """SIGKILL, without any goodbye: the next process follows the same prompt to its end."""
    port = free_port()
    async with bench(nats, tmp_path / "sim", started=False, step_s=0.3) as studio:
        environ = environ_of(studio, nats, tmp_path, port)
        studio.sim.faults.hang_before_step = 2
        async with process(**environ) as renderer:
            order = await studio.order()
            await studio.hanging(order)
            renderer.kill()
            await renderer.wait()
        studio.sim.faults.hang_before_step = None
        async with process(**environ):
            assert isinstance(await studio.outcome(order), RenderSucceeded)
            await studio.settled()

        assert 1 == studio.submissions


async def test_without_a_tunnel_it_says_so(nats: NatsServer, tmp_path: Path) -> None:
    """``/readyz`` names what is missing."""
    port = free_port()
    async with bench(nats, tmp_path / "sim", started=False) as studio:
        environ = environ_of(studio, nats, tmp_path, port) | {"TUNNEL_URL": "http://127.0.0.1:1"}
        async with process(**environ):

            async def failing() -> bool:
                said = await readiness(port)
                return "tunnel" in said.get("failing", {}) and "nats" in said.get("ok", ())

            await eventually(failing)


async def test_a_missing_setting_ends_it(tmp_path: Path) -> None:
    """It names the variable, and ends with the code that says a restart won't mend it."""
    async with process() as renderer:
        _, said = await renderer.communicate()

        assert 78 == renderer.returncode
        assert b"NATS_URL is not set" in said
