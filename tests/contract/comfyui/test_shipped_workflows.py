"""What Darkroom ships is what the server takes: nothing but model files may be missing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest

from schemas.params import RenderParams
from services.devstack.comfyui import SimulatorConfig
from services.renderer.catalogue import OWN, read_catalogue
from services.renderer.definition import Definition
from services.renderer.placement import placed
from services.renderer.workflow import Wishes, filled
from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.pictures import decoded, png
from tests.contract.comfyui.target import simulator_only

SHIPPED = {one.recipe.command: one for one in read_catalogue([OWN]).values()}
each = pytest.mark.parametrize("workflow", SHIPPED.values(), ids=SHIPPED)


@pytest.fixture
def gpus() -> int:
    """How many the simulator has."""
    return 0


@pytest.fixture
def simulator_config(tmp_path: Path, gpus: int) -> SimulatorConfig:
    """In no hurry."""
    return SimulatorConfig(base_dir=tmp_path, step_s=0, gpus=gpus)


async def wishes(comfy: Comfy, pictures: int, **params: Any) -> Wishes:
    """What somebody asks for, with *pictures* uploaded."""
    names = [(await comfy.upload(f"shipped-{number}.png", png()))["name"] for number in range(pictures)]
    return Wishes(
        prompt="a goose",
        negative="blur",
        params=RenderParams(seed=7, **params),
        pictures=tuple(names),
        file_stem="shipped",
    )


def least_and_most(workflow: Definition) -> list[dict[str, float]]:
    """Both ends of what a person may ask for."""
    bounds = workflow.recipe.bounds.items()
    ends = [{name: its.least for name, its in bounds}, {name: its.most for name, its in bounds}]
    return [{name: value if name == "cfg" else int(value) for name, value in end.items()} for end in ends]


@each
async def test_inputs_are_those_of_the_server(comfy: Comfy, workflow: Definition) -> None:
    """Every class is there, every input that we fill is its own, and every one that it requires is filled."""
    info = await comfy.json("/object_info")
    for node_id, node in workflow.prompt.items():
        inputs = info[node.class_type]["input"]
        known = {*inputs.get("required", {}), *inputs.get("optional", {})}

        assert set(node.inputs) <= known, node_id
        assert set(inputs.get("required", {})) <= set(node.inputs), node_id


@each
async def test_nothing_but_files_is_complained_about(comfy: Comfy, workflow: Definition) -> None:
    """With any number of pictures, at both ends of every bound. Files nobody has keep it from running."""
    absent = {model.name: f"not-there/{model.name}" for model in workflow.recipe.models}
    least = sum(not picture.optional for picture in workflow.recipe.pictures)
    for pictures in range(least, len(workflow.recipe.pictures) + 1):
        for ends in least_and_most(workflow):
            graph = msgspec.to_builtins(filled(workflow, await wishes(comfy, pictures, **ends)))
            for node in graph.values():
                names = {name: value for name, value in node["inputs"].items() if isinstance(value, str)}
                node["inputs"] |= {name: absent.get(value, value) for name, value in names.items()}
            status, body = await comfy.post_prompt(graph, client_id="shipped")
            errors = [error for node in body["node_errors"].values() for error in node["errors"]]

            assert (400, {"value_not_in_list"}) == (status, {error["type"] for error in errors})
            assert set(absent.values()) == {error["extra_info"]["received_value"] for error in errors}


@simulator_only
@pytest.mark.parametrize("gpus", [0, 2])
@each
async def test_the_simulator_renders_it(comfy: Comfy, workflow: Definition) -> None:
    """As it is asked for by someone who names no numbers, on one GPU or spread over two."""
    pictures = len(workflow.recipe.pictures)
    graph = placed(filled(workflow, await wishes(comfy, pictures)), "auto", await comfy.json("/object_info"))
    entry = await comfy.run(msgspec.to_builtins(graph))
    [output] = workflow.recipe.outputs
    [file] = entry["outputs"][output]["images"]
    body = await comfy.view(file)

    assert "success" == entry["status"]["status_str"]
    if workflow.recipe.kind != "video":
        assert (1024, 1024) == decoded(body).size or workflow.recipe.kind == "edit"
        return
    with av.open(BytesIO(body)) as film:
        stream = film.streams.video[0]
        assert ("h264", 640, 640, 16, 81) == (
            stream.codec_context.name,
            stream.width,
            stream.height,
            stream.average_rate,
            stream.frames,
        )
