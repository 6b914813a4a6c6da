"""Faults that the simulator makes when a test asks for them."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from aiohttp import ClientError, ClientPayloadError

from services.devstack.comfyui import Simulator
from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import flux, plain
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only


async def test_lost_reply(simulator: Simulator, simulated: Comfy) -> None:
    """The connection drops after the prompt was queued; it runs once, and the next reply arrives."""
    simulator.faults.lost_replies = 1
    mine = uuid.uuid4().hex
    with pytest.raises(ClientError):
        await simulated.submit(plain(), prompt_id=mine)
    assert "success" == (await simulated.entry(mine))["status"]["status_str"]
    assert (1, 1) == (simulator.runs.started[mine], simulator.runs.rendered[mine])
    await simulated.submit(plain())


async def test_failing_reply(simulator: Simulator, simulated: Comfy) -> None:
    """A 500 that queued the prompt anyway."""
    simulator.faults.failing_replies = 1
    mine = uuid.uuid4().hex
    body = {"prompt": plain(), "prompt_id": mine, "client_id": "c"}
    assert 500 == await simulated.status("POST", "/prompt", json=body)
    assert "success" == (await simulated.entry(mine))["status"]["status_str"]


async def test_dropped_sockets(simulator: Simulator, simulated: Comfy) -> None:
    """Every socket closes; a new one can be opened."""
    async with simulated.listening() as ears:
        await eventually(lambda: ears.events)
        simulator.drop_sockets()
        await eventually(lambda: ears.socket.closed)
    async with simulated.listening() as again:
        await eventually(lambda: again.events)


async def test_silence(simulator: Simulator, simulated: Comfy) -> None:
    """Sockets stay open and get nothing, while prompts run."""
    simulator.faults.silent = True
    async with simulated.listening("me") as ears:
        await simulated.run(plain(), client_id="me")
        assert not ears.socket.closed
    assert [] == ears.events


async def test_wedged(simulator: Simulator, simulated: Comfy) -> None:
    """Everything answers 200 and nothing runs, until the fault is over."""
    simulator.faults.wedged = True
    prompt_id = await simulated.submit(plain())
    await simulated.json("/system_stats")
    queue = await simulated.json("/queue")
    assert ([], [prompt_id]) == (queue["queue_running"], [item[1] for item in queue["queue_pending"]])
    assert 0 == simulator.runs.started[prompt_id]
    simulator.faults.wedged = False
    assert "success" == (await simulated.entry(prompt_id))["status"]["status_str"]


async def test_hanging(simulator: Simulator, simulated: Comfy) -> None:
    """Sampling stands still before a step, deaf to /interrupt; the interruption comes when it goes on."""
    simulator.faults.hang_before_step = 3
    async with simulated.listening("me") as ears:
        prompt_id = await simulated.submit(flux("hang"), client_id="me")
        await eventually(lambda: 2 == ears.kinds(prompt_id).count("progress"))
        assert 200 == await simulated.status("POST", "/interrupt", json={"prompt_id": prompt_id})
        assert [prompt_id] == await simulated.running()
        simulator.faults.hang_before_step = None
        await eventually(lambda: ears.has_ended(prompt_id))
    assert "execution_interrupted" in ears.kinds(prompt_id)


async def test_out_of_memory(simulator: Simulator, simulated: Comfy) -> None:
    """The next sampler fails as torch does; the one after it renders."""
    simulator.faults.out_of_memory_runs = 1
    kind, told = (await simulated.run(flux("big")))["status"]["messages"][-1]
    assert ("execution_error", "torch.OutOfMemoryError") == (kind, told["exception_type"])
    assert "This error means you ran out of memory on your GPU." in told["exception_message"]
    assert "KSampler" == told["node_type"]
    assert told["current_inputs"]["positive"][0].startswith("[[tensor(")
    assert any("File " in line for line in told["traceback"])
    assert "success" == (await simulated.run(flux("big")))["status"]["status_str"]


async def test_lost_history(simulator: Simulator, simulated: Comfy) -> None:
    """A finished prompt leaves no history."""
    simulator.faults.history_lost = True
    async with simulated.listening("me") as ears:
        prompt_id = await simulated.submit(plain(), client_id="me")
        await eventually(lambda: ears.has_ended(prompt_id))
    assert {} == await simulated.json(f"/history/{prompt_id}")
    assert 1 == simulator.runs.rendered[prompt_id]


async def test_restart_in_the_middle(simulator: Simulator, simulated: Comfy) -> None:
    """A restart forgets queue and history and closes sockets; files stay, and new prompts run."""
    done = await simulated.run(plain())
    simulator.faults.hang_before_step = 2
    prompt_id = await simulated.submit(flux("lost"))
    waiting = await simulated.submit(plain())
    await simulated.until_running(prompt_id)
    async with simulated.listening() as ears:
        await eventually(lambda: ears.events)
        await simulator.restart()
        await eventually(lambda: ears.socket.closed)
    simulator.faults.hang_before_step = None
    assert {"queue_running": [], "queue_pending": []} == await simulated.json("/queue")
    assert {} == await simulated.json("/history")
    await simulated.view(done["outputs"]["2"]["images"][0])
    assert "success" == (await simulated.run(plain()))["status"]["status_str"]
    assert (1, 0, 0) == (
        simulator.runs.started[prompt_id],
        simulator.runs.rendered[prompt_id],
        simulator.runs.started[waiting],
    )


async def test_cut_view(simulator: Simulator, simulated: Comfy) -> None:
    """/view stops in the middle; a Range request gets the rest, once it is whole again."""
    file = (await simulated.run(plain()))["outputs"]["2"]["images"][0]
    whole = await simulated.view(file)
    simulator.faults.view_cut_after_bytes = 100
    async with simulated.session.get("/view", params=file) as reply:
        assert str(len(whole)) == reply.headers["Content-Length"]
        start = await reply.content.readexactly(100)
        with pytest.raises(ClientPayloadError):
            await reply.content.read()
    simulator.faults.view_cut_after_bytes = None
    async with simulated.session.get("/view", params=file, headers={"Range": "bytes=100-"}) as rest:
        assert whole == start + await rest.read()


async def test_cut_and_ranged_view(simulator: Simulator, simulated: Comfy) -> None:
    """A part is cut like the whole: its headers say what it should have been."""
    file = (await simulated.run(plain()))["outputs"]["2"]["images"][0]
    whole = await simulated.view(file)
    simulator.faults.view_cut_after_bytes = 10
    async with simulated.session.get("/view", params=file, headers={"Range": "bytes=20-"}) as reply:
        assert 206 == reply.status
        assert f"bytes 20-{len(whole) - 1}/{len(whole)}" == reply.headers["Content-Range"]
        assert whole[20:30] == await reply.content.readexactly(10)


async def test_slow_view(simulator: Simulator, simulated: Comfy) -> None:
    """/view takes as long as its pace says, and is whole."""
    file = (await simulated.run(plain()))["outputs"]["2"]["images"][0]
    whole = await simulated.view(file)
    simulator.faults.view_bytes_per_s = len(whole) * 5
    started = asyncio.get_running_loop().time()
    assert whole == await simulated.view(file)
    assert asyncio.get_running_loop().time() - started > 0.15


async def test_runs_tell_cached_from_rendered(simulator: Simulator, simulated: Comfy) -> None:
    """A run that was served from the cache has started and has not rendered."""
    graph = plain()
    await simulated.run(graph)
    prompt_id = await simulated.submit(graph)
    await simulated.entry(prompt_id)
    assert (1, 0) == (simulator.runs.started[prompt_id], simulator.runs.rendered[prompt_id])
