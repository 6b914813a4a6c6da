"""Fixtures: the server under test is COMFYUI_URL's, or a simulator of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from services.devstack.comfyui import Simulator, SimulatorConfig, running_simulator
from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.target import REAL_URL

MODEL_FOLDERS = ("checkpoints", "diffusion_models", "loras", "text_encoders", "vae")


@pytest.fixture
def simulator_config(tmp_path: Path) -> SimulatorConfig:
    """What the simulator of a test is started with; modules override it."""
    return SimulatorConfig(base_dir=tmp_path, step_s=0.005)


@pytest.fixture
async def simulator(simulator_config: SimulatorConfig) -> AsyncIterator[Simulator]:
    """A simulator, whatever COMFYUI_URL says."""
    async with running_simulator(simulator_config) as running:
        yield running


@pytest.fixture
async def comfy(request: pytest.FixtureRequest, simulator_config: SimulatorConfig) -> AsyncIterator[Comfy]:
    """The server under test."""
    if REAL_URL:
        async with ClientSession(REAL_URL) as session:
            real = Comfy(session, REAL_URL)
            await _skip_without_models(request, real)
            await _skip_without_nodes(request, real)
            yield real
        return
    async with running_simulator(simulator_config) as running, ClientSession(running.url) as session:
        yield Comfy(session, running.url)


@pytest.fixture
async def simulated(simulator: Simulator) -> AsyncIterator[Comfy]:
    """A client of the simulator, for tests of what no real server does."""
    async with ClientSession(simulator.url) as session:
        yield Comfy(session, simulator.url)


async def _skip_without_models(request: pytest.FixtureRequest, real: Comfy) -> None:
    marker = request.node.get_closest_marker("needs_model")
    if marker is None:
        return
    there = {name for folder in MODEL_FOLDERS for name in await real.json(f"/models/{folder}")}
    missing = sorted(set(marker.args) - there)
    if missing:
        pytest.skip(f"{REAL_URL} lacks {', '.join(missing)}")


async def _skip_without_nodes(request: pytest.FixtureRequest, real: Comfy) -> None:
    marker = request.node.get_closest_marker("needs_node")
    if marker is None:
        return
    # An unknown class is answered with an empty object.
    missing = [name for name in marker.args if not await real.json(f"/object_info/{name}")]
    if missing:
        pytest.skip(f"{REAL_URL} lacks the nodes {', '.join(missing)}: its log says at the start why")
