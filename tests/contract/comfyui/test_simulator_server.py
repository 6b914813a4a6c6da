"""What must not be tried on anybody's server, or cannot be relied on there."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct

import pytest

from services.devstack.comfyui import Simulator, SimulatorConfig, running_simulator
from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import flux, plain
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only


async def test_interrupt_without_id_stops_whatever_runs(simulated: Comfy) -> None:
    """POST /interrupt without a body stops the running prompt, whoever's it is."""
    prompt_id = await simulated.submit(flux("somebody else's", steps=1000))
    await simulated.until_running(prompt_id)
    assert 200 == await simulated.status("POST", "/interrupt")
    assert "execution_interrupted" == (await simulated.entry(prompt_id))["status"]["messages"][-1][0]


async def test_interrupt_of_nothing_is_forgotten(simulated: Comfy) -> None:
    """An interruption while nothing runs does not stop the next prompt."""
    assert 200 == await simulated.status("POST", "/interrupt")
    assert "success" == (await simulated.run(plain()))["status"]["status_str"]


async def test_clear(simulator: Simulator, simulated: Comfy) -> None:
    """Clearing drops all pending prompts, or all history."""
    await simulated.run(plain())
    simulator.faults.wedged = True
    await simulated.submit(plain())
    assert 200 == await simulated.status("POST", "/queue", json={"clear": True})
    assert 200 == await simulated.status("POST", "/history", json={"clear": True})
    assert [] == (await simulated.json("/queue"))["queue_pending"]
    assert {} == await simulated.json("/history")


async def test_free_drops_the_cache(simulated: Comfy) -> None:
    """After /free with free_memory the same prompt runs again. (The real server does not always do so.)"""
    graph = plain()
    first = await simulated.run(graph)
    assert 200 == await simulated.status("POST", "/free", json={"free_memory": True})
    assert first["outputs"] != (await simulated.run(graph))["outputs"]


async def test_leaves_nothing_running(simulator_config: SimulatorConfig) -> None:
    """After the block no task of the simulator is left."""
    async with running_simulator(simulator_config):
        during = {task.get_name() for task in asyncio.all_tasks()}
    after = {task.get_name() for task in asyncio.all_tasks()}
    assert {"comfyui-worker", "comfyui-publish"} == during - after


async def test_a_client_that_has_left_before_its_socket_opened_is_no_error(
    simulator: Simulator, simulated: Comfy, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that was slow, or stopped for a while, finds such clients: no traceback in its log."""
    caplog.set_level(logging.WARNING)
    # These names are looked at in a thread, which gives the client the time to leave.
    request = (
        "GET /ws?clientId=gone HTTP/1.1\r\nHost: 192.0.2.1\r\nOrigin: http://192.0.2.2\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    host, _, port = simulator.url.removeprefix("http://").partition(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(request.encode())
    assert 200 == await simulated.status("GET", "/queue")

    assert [] == caplog.records
