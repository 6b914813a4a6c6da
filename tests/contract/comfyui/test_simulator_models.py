"""Servers that lack a model, and servers with several GPUs."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from services.devstack.comfyui import SimulatorConfig
from tests.contract.comfyui.client import Comfy, picture_of
from tests.contract.comfyui.graphs import FLUX_FILES, flux, node
from tests.contract.comfyui.pictures import difference
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only


@pytest.fixture
def simulator_config(tmp_path: Path) -> SimulatorConfig:
    """Two GPUs, and no FLUX schnell."""
    return SimulatorConfig(base_dir=tmp_path, step_s=0, without=(FLUX_FILES[0],), gpus=2)


async def test_lacking_model(simulated: Comfy) -> None:
    """A model that was left out is in no list, and a prompt that names it is refused with its name."""
    assert FLUX_FILES[0] not in await simulated.json("/models/diffusion_models")
    _, body = await simulated.post_prompt(flux("no model"))
    error = body["node_errors"]["unet"]["errors"][0]
    assert ("value_not_in_list", FLUX_FILES[0]) == (error["type"], error["extra_info"]["received_value"])


@pytest.mark.parametrize(
    "loader", ["UNETLoader", "VAELoader", "CLIPLoader", "DualCLIPLoader", "CheckpointLoaderSimple"]
)
async def test_loader_twins(simulated: Comfy, loader: str) -> None:
    """Each loader has a twin with one more input, which lists the devices."""
    info = await simulated.json("/object_info")
    mine, twin = info[loader], info[f"{loader}MultiGPU"]
    assert mine["input"]["required"] == twin["input"]["required"]
    assert ["cpu", "cuda:0", "cuda:1"] == twin["input"]["optional"]["device"][0]
    assert mine["output"] == twin["output"]
    spread = info[f"{loader}DisTorch2MultiGPU"]["input"]["optional"]
    assert {"compute_device", "virtual_vram_gb", "donor_device", "expert_mode_allocations"} <= set(spread)


async def test_placed_workflow_runs(simulated: Comfy) -> None:
    """A workflow whose loaders are twins renders; a device that is not there is refused."""
    graph = flux("placed")
    graph["unet"] = node(
        "UNETLoaderMultiGPU", unet_name="flux1-dev.safetensors", weight_dtype="default", device="cuda:1"
    )
    graph["vae"] = node("VAELoaderMultiGPU", vae_name=FLUX_FILES[3], device="cpu")
    assert "success" == (await simulated.run(graph))["status"]["status_str"]
    elsewhere = copy.deepcopy(graph)
    elsewhere["unet"]["inputs"]["device"] = "cuda:0"
    ours, theirs = [await picture_of(simulated, one) for one in (graph, elsewhere)]
    assert 0 < difference(ours, theirs) < 3  # the caption names the device, the rest is the same
    graph["unet"]["inputs"]["device"] = "cuda:2"
    _, body = await simulated.post_prompt(graph)
    assert "value_not_in_list" == body["node_errors"]["unet"]["errors"][0]["type"]
