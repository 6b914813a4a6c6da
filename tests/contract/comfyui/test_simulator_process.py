"""The simulator as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession

from tests.contract.comfyui.client import DEADLINE_S, Comfy
from tests.contract.comfyui.graphs import plain
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only

LINE = "ComfyUI simulator (no model, paints placeholders): "
MODULE = ("-m", "services.devstack.comfyui")


@contextlib.asynccontextmanager
async def process(folder: Path, *options: str) -> AsyncIterator[tuple[Process, Comfy]]:
    """A started simulator that has said where it listens."""
    command = (*MODULE, "--dir", str(folder), "--port", "0", *options)
    child = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE)
    assert child.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            line = (await child.stdout.readline()).decode().strip()
        assert line.startswith(f"{LINE}http://127.0.0.1:"), line
        async with ClientSession(line.removeprefix(LINE)) as session:
            yield child, Comfy(session, line.removeprefix(LINE))
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def test_serves_until_told_to_stop(tmp_path: Path) -> None:
    """It says one line, renders, ends cleanly at SIGTERM with a socket open, and has no fault routes."""
    async with process(tmp_path) as (child, comfy):
        async with comfy.listening() as ears:
            assert "success" == (await comfy.run(plain()))["status"]["status_str"]
            assert 404 == await comfy.status("GET", "/_simulator/runs")
            assert 404 == await comfy.status("POST", "/_simulator/faults", json={"wedged": True})
            child.send_signal(signal.SIGTERM)
            async with asyncio.timeout(DEADLINE_S):
                assert 0 == await child.wait()
        assert ears.events
        assert child.stdout is not None
        assert b"" == await child.stdout.read()


async def test_faults_from_outside(tmp_path: Path) -> None:
    """With --faults another process can set faults, count runs, drop sockets and restart."""
    async with process(tmp_path, "--faults", "--step-s", "0") as (_, comfy):
        prompt_id = await comfy.submit(plain())
        await comfy.entry(prompt_id)
        async with comfy.session.post("/_simulator/faults", json={"wedged": True}) as reply:
            assert (200, True, 0) == (
                reply.status,
                (await reply.json())["wedged"],
                (await reply.json())["lost_replies"],
            )
        await comfy.submit(plain())
        assert {"started": {prompt_id: 1}, "rendered": {prompt_id: 1}} == await comfy.json("/_simulator/runs")
        assert 200 == await comfy.status("POST", "/_simulator/drop_sockets")
        assert 200 == await comfy.status("POST", "/_simulator/restart")
        assert {} == await comfy.json("/history")
        assert (await comfy.json("/_simulator/faults"))["wedged"] is True
        for wrong in ({"wedge": True}, {"wedged": 3}):
            assert 400 == await comfy.status("POST", "/_simulator/faults", json=wrong)


async def test_taken_port(tmp_path: Path) -> None:
    """A port that is taken, or a model nobody has, ends it with one sentence."""
    async with process(tmp_path / "one") as (_, comfy):
        for options, word in ((("--port", comfy.url.rsplit(":", 1)[1]), b"use"), (("--without", "x"), b"x")):
            command = (*MODULE, "--dir", str(tmp_path / "two"), "--port", "0", *options)
            child = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=PIPE)
            _, said = await child.communicate()
            assert 1 == child.returncode
            assert said.startswith(b"cannot simulate ComfyUI: ")
            assert word in said
            assert 1 == len(said.splitlines())
