"""Which GPU the models of a graph go to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.definition import Placement
from services.renderer.graph import Graph, GraphNode
from services.renderer.placement import placed, unplaced
from tests.unit.renderer.backends import backend

SHIPPED = {place.name: read_workflow(place).prompt for place in sorted(OWN.iterdir()) if place.is_dir()}
WAN, FLUX = SHIPPED["wan22-t2v"], SHIPPED["flux-dev"]
LOADERS = {"UNETLoader", "CLIPLoader", "DualCLIPLoader", "VAELoader", "CheckpointLoaderSimple"}


def devices(graph: Graph) -> dict[str, Any]:
    """Where the nodes are that were exchanged."""
    return {
        node_id: node.inputs["device"]
        for node_id, node in graph.items()
        if node.class_type.endswith("MultiGPU")
    }


def loader(class_type: str, **inputs: Any) -> GraphNode:
    """A node."""
    return GraphNode(class_type=class_type, inputs=inputs)


@pytest.mark.parametrize(
    ("name", "gpus", "expected"),
    [
        ("flux-schnell", 2, {"model": "cuda:0", "text-encoders": "cuda:1", "vae": "cuda:1"}),
        ("flux-dev", 4, {"model": "cuda:0", "text-encoders": "cuda:1", "vae": "cuda:1"}),
        ("qwen-edit-2509", 2, {"model": "cuda:0", "text-encoder": "cuda:1", "vae": "cuda:1"}),
        (
            "wan22-t2v",
            2,
            {
                "high-noise-model": "cuda:0",
                "low-noise-model": "cuda:1",
                "text-encoder": "cuda:1",
                "vae": "cuda:1",
            },
        ),
        (
            "wan22-t2v",
            3,
            {
                "high-noise-model": "cuda:0",
                "low-noise-model": "cuda:1",
                "text-encoder": "cuda:2",
                "vae": "cuda:2",
            },
        ),
        ("sd35-large", 2, {}),
    ],
)
def test_auto_takes_apart_what_is_large(name: str, gpus: int, expected: dict[str, str]) -> None:
    """One diffusion model a GPU, what reads and decodes beside them; a checkpoint can't be taken apart."""
    assert expected == devices(placed(SHIPPED[name], "auto", backend(gpus)))


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("gpus", [0, 1])
def test_with_nothing_to_choose_from_nothing_changes(name: str, gpus: int) -> None:
    """No twins, or twins and one GPU."""
    everything = dict.fromkeys(LOADERS, "cpu")
    for placement in ("auto", "off", everything):
        assert SHIPPED[name] == placed(SHIPPED[name], placement, backend(gpus))


def test_off_is_off() -> None:
    """Also where there are GPUs to choose from."""
    assert WAN == placed(WAN, "off", backend(4))


def test_only_the_loader_and_its_device_change() -> None:
    """Ids, titles, links and every other input stay; the graph that was given stays whole."""
    before = {node_id: (node.class_type, dict(node.inputs)) for node_id, node in FLUX.items()}
    after = placed(FLUX, "auto", backend(2))

    assert before == {node_id: (node.class_type, node.inputs) for node_id, node in FLUX.items()}
    moved = after["text-encoders"]
    assert "DualCLIPLoaderMultiGPU" == moved.class_type
    assert FLUX["text-encoders"].meta == moved.meta
    assert FLUX["text-encoders"].inputs | {"device": "cuda:1"} == moved.inputs
    assert list(FLUX) == list(after)


def test_a_node_is_named_before_its_class() -> None:
    """A table says it outright, and what it does not name is not moved."""
    placement: Placement = {"UNETLoader": "cuda:1", "high-noise-model": "cuda:0", "vae": "cpu"}

    assert {"high-noise-model": "cuda:0", "low-noise-model": "cuda:1", "vae": "cpu"} == devices(
        placed(WAN, placement, backend(2))
    )


def test_a_device_that_is_not_there_is_left_out() -> None:
    """The picture is the same wherever its models lie: it is rendered, and what was left out can be told."""
    placement: Placement = {"high-noise-model": "cuda:1", "low-noise-model": "cuda:7", "canvas": "cuda:1"}
    info = backend(2)

    assert {"high-noise-model": "cuda:1"} == devices(placed(WAN, placement, info))
    assert {"low-noise-model": "cuda:7", "canvas": "cuda:1"} == unplaced(WAN, placement, info)


@pytest.mark.parametrize("gpus", [0, 1])
def test_a_backend_that_places_nothing_is_no_news(gpus: int) -> None:
    """A workflow with a placement runs on ordinary backends every day."""
    assert {} == unplaced(WAN, {"vae": "cuda:1"}, backend(gpus))


def test_a_loader_that_is_told_its_device_keeps_it() -> None:
    """ComfyUI's own text encoder loaders can be put on the CPU, by whoever made the graph."""
    graph = FLUX | {
        "text-encoders": loader("DualCLIPLoader", **FLUX["text-encoders"].inputs | {"device": "cpu"})
    }

    assert {"model": "cuda:0", "vae": "cuda:1"} == devices(placed(graph, "auto", backend(2)))


@pytest.mark.parametrize(
    "more",
    [
        {"merge": loader("ModelMergeSimple", model1=["high-noise-model", 0], model2=["low-noise-model", 0])},
        {"control": loader("ControlNetLoader", control_net_name="x.safetensors")},
    ],
    ids=["merged", "controlled"],
)
def test_models_that_have_to_meet_stay_together(more: Graph) -> None:
    """A merge takes both; a ControlNet lies on ComfyUI's own GPU, where its model then has to be too."""
    info = backend(3) | {
        "ModelMergeSimple": {"output": ["MODEL"]},
        "ControlNetLoader": {"output": ["CONTROL_NET"]},
    }

    assert {
        "high-noise-model": "cuda:0",
        "low-noise-model": "cuda:0",
        "text-encoder": "cuda:1",
        "vae": "cuda:1",
    } == devices(placed(WAN | more, "auto", info))


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([["cpu", "cuda:0", "cuda:1"], {"default": "cuda:0"}], {"cuda:0", "cuda:1"}),
        (["COMBO", {"options": ["cpu", "cuda:0", "cuda:1"]}], {"cuda:0", "cuda:1"}),
        ([["cpu", "cuda:0", "cuda:1", "xpu:0"]], {"cuda:0", "cuda:1"}),
        ([["cpu", "xpu:0", "xpu:1"]], {"xpu:0", "xpu:1"}),
        ([["cpu", "cuda:0", "xpu:0"]], set()),
        ([["cpu", "mps"]], set()),
        (["STRING", {}], set()),
        (None, set()),
    ],
    ids=["older", "newer", "built-in", "intel", "one of each", "apple", "free text", "odd"],
)
def test_the_devices_are_those_that_are_listed(listed: Any, expected: set[str]) -> None:
    """In either form in which nodes list their choices, and GPUs of one kind only."""
    info = backend(2)
    for name, described in info.items():
        if name.endswith("MultiGPU"):
            described["input"] = {"optional": {"device": listed}}

    assert expected == set(devices(placed(FLUX, "auto", info)).values())


def test_a_loader_without_a_twin_stays() -> None:
    """And the others keep clear of the first GPU, where it loads."""
    info = backend(2)
    del info["UNETLoaderMultiGPU"]

    assert {"text-encoders": "cuda:1", "vae": "cuda:1"} == devices(placed(FLUX, "auto", info))


places = st.one_of(
    st.sampled_from(["auto", "off"]),
    st.dictionaries(
        st.sampled_from([*WAN, *sorted(LOADERS)]),
        st.sampled_from(["cpu", "cuda:0", "cuda:1", "cuda:3", "xpu:0"]),
    ),
)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(sorted(SHIPPED)), st.integers(0, 4), places)
def test_a_placed_graph_is_one_that_the_backend_takes(name: str, gpus: int, placement: Placement) -> None:
    """Whatever is asked for: only classes and devices that it lists, and all that is no loader untouched."""
    info, graph = backend(gpus), SHIPPED[name]
    after = placed(graph, placement, info)

    for node_id, node in after.items():
        assert node.class_type in info
        if node != graph[node_id]:
            assert f"{graph[node_id].class_type}MultiGPU" == node.class_type
            assert node.inputs["device"] in info[node.class_type]["input"]["optional"]["device"][0]
            assert graph[node_id].inputs | {"device": node.inputs["device"]} == node.inputs
    assert after == placed(after, placement, info)
