"""
The editor's own format becomes what its Export (API) would write.

The expectations for ``canvas.ui`` and ``subgraph.ui`` are what ComfyUI's own front end (1.36) exported
for these very files.
"""

from __future__ import annotations

from typing import Any

import pytest

from services.renderer.importing.classes import Classes
from services.renderer.importing.editor.canvas import read_canvas
from services.renderer.importing.editor.conversion import convert
from tests.unit.renderer.importing.asking import Graph, definition, export, refused, slots, studied
from tests.unit.renderer.importing.nodes import info

SAMPLED = {
    "steps": 20,
    "cfg": 4.5,
    "sampler_name": "euler",
    "scheduler": "sgm_uniform",
    "denoise": 1,
}


def converted(file: Graph) -> dict[str, dict[str, Any]]:
    """Inputs by node."""
    graph = convert(read_canvas(file), Classes(info())).graph
    return {node_id: node.inputs for node_id, node in graph.items()}


def on_canvas(file: Graph, node_id: int) -> Graph:
    """A node of it."""
    return next(node for node in file["nodes"] if node["id"] == node_id)


def test_a_canvas_becomes_what_comfyui_runs() -> None:
    """Notes, reroutes, muted and bypassed nodes are gone; a field is filled by the node that is linked."""
    assert {
        "3": {
            "seed": 42,
            **SAMPLED,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
        "4": {"ckpt_name": "sd3.5_large_fp8_scaled.safetensors"},
        "5": {"width": 1024, "height": 768, "batch_size": 1},
        "6": {"text": ["17", 0], "clip": ["4", 1]},
        "7": {"text": "fog, people", "clip": ["4", 1]},
        "8": {"samples": ["3", 0], "vae": ["4", 2]},
        "9": {"filename_prefix": "ComfyUI", "images": ["8", 0]},
        "17": {"value": "a lighthouse at dusk"},
    } == converted(export("canvas.ui"))


def test_subgraphs_are_taken_apart() -> None:
    """Nested ones too; a field that is shown outside has its value there, others keep their own."""
    assert {
        "30:1": {"ckpt_name": "sd3.5_large_fp8_scaled.safetensors"},
        "30:2:1": {"text": "a lighthouse at dusk", "clip": ["30:1", 1]},
        "30:3": {"text": "fog, people", "clip": ["30:1", 1]},
        "30:4": {"width": 1024, "height": 512, "batch_size": 1},
        "30:5": {
            "seed": 42,
            **SAMPLED,
            "model": ["30:1", 0],
            "positive": ["30:2:1", 0],
            "negative": ["30:3", 0],
            "latent_image": ["30:4", 0],
        },
        "30:6": {"samples": ["30:5", 0], "vae": ["30:1", 2]},
        "31": {"filename_prefix": "ComfyUI", "images": ["30:6", 0]},
    } == converted(export("subgraph.ui"))


@pytest.mark.parametrize(
    "told",
    [
        {"properties": {}, "widgets_values": ["a barn", 640]},
        {"properties": {}, "widgets_values": [], "widgets_values_named": {"text": "a barn", "width": 640}},
    ],
    ids=["in order", "by name"],
)
def test_newer_editors_say_what_a_subgraph_shows_in_other_ways(told: Graph) -> None:
    """In order of its inputs that have a field, or by name."""
    file = export("subgraph.ui")
    on_canvas(file, 30).update(told)

    inputs = converted(file)

    assert ("a barn", 640) == (inputs["30:2:1"]["text"], inputs["30:4"]["width"])


def test_a_subgraph_that_says_nothing_shows_what_is_inside() -> None:
    """As files do whose fields are those of the inner nodes."""
    file = export("subgraph.ui")
    on_canvas(file, 30)["widgets_values"] = []

    inputs = converted(file)

    assert ("inner words", 512) == (inputs["30:2:1"]["text"], inputs["30:4"]["width"])


def test_a_muted_node_leaves_its_place_empty() -> None:
    """Here the checkpoint, without which nothing goes."""
    file = export("canvas.ui")
    on_canvas(file, 4)["mode"] = 2

    assert "Input vae of “VAE Decode” (8) is empty, and the node needs it." in refused(file).problems


def test_a_bypassed_subgraph_hands_on_what_fits() -> None:
    """Nothing of its kind comes in here, so there is nothing to save."""
    file = export("subgraph.ui")
    on_canvas(file, 30)["mode"] = 4

    assert {"31": {"filename_prefix": "ComfyUI"}} == converted(file)


def test_an_editors_file_is_a_workflow() -> None:
    """With all that is found in one that was exported for it."""
    made = definition(export("canvas.ui"))

    assert slots("17.value") == made.recipe.bind.prompt
    assert slots("3.seed") == made.recipe.bind.seed
    assert "What to see" == made.prompt["6"].meta.title


def test_classes_that_are_not_there_are_named() -> None:
    """The order of their fields is not known; ComfyUI itself can export it."""
    file = export("canvas.ui")
    on_canvas(file, 8)["type"] = "DecodeFaster"

    answer = refused(file)

    assert "not-convertible" == answer.code
    assert "In ComfyUI choose Workflow, then Export (API), and import that file." in answer.problems[0]
    assert "“DecodeFaster” (8): its class DecodeFaster is not on this backend." == answer.problems[1]


def test_a_class_that_no_output_needs_may_be_missing() -> None:
    """What it would have done is not asked for."""
    file = export("canvas.ui")
    file["nodes"].append({"id": 40, "type": "CompareHere", "inputs": [], "widgets_values": []})

    assert "Left out, for no output needs it: “CompareHere” (40)." in studied(file).warnings


def test_a_missing_class_that_may_save_asks_for_the_outputs() -> None:
    """It could be the result; naming another says that it is not."""
    file = export("canvas.ui")
    on_canvas(file, 10).update({"mode": 0, "type": "SaveBetter"})

    assert "“SaveBetter” (10)" in refused(file).problems[1]
    assert ("9",) == definition(file, outputs=("9",)).recipe.outputs


def test_missing_classes_are_named_where_nothing_else_saves() -> None:
    """Whether they do can't be told."""
    file = export("canvas.ui")
    on_canvas(file, 8)["type"], on_canvas(file, 9)["type"] = "DecodeFaster", "SaveBetter"

    problems = " ".join(refused(file).problems)

    assert "DecodeFaster is not on this backend" in problems
    assert "SaveBetter is not on this backend" in problems


def test_text_that_unfolds_is_refused() -> None:
    """A long one in a subgraph that is used often."""
    file = export("subgraph.ui")
    file["definitions"]["subgraphs"][1]["nodes"][0]["widgets_values"] = ["x" * 10_000]
    file["nodes"] += [on_canvas(file, 30) | {"id": 100 + number} for number in range(200)]

    assert "hold more text than can be kept" in refused(file).problems[0]


def test_a_group_node_is_refused() -> None:
    """Editors no longer keep them."""
    file = export("canvas.ui")
    on_canvas(file, 8)["type"] = "workflow>Decode"

    assert "Node 8 is a group node" in refused(file).problems[0]


def test_a_subgraph_in_itself_is_refused() -> None:
    """It would never end."""
    file = export("subgraph.ui")
    words = file["definitions"]["subgraphs"][1]
    words["nodes"].append({"id": 9, "type": words["id"], "inputs": []})

    assert "deeper than 16 levels" in refused(file).problems[0]


def test_a_file_that_unfolds_without_end_is_refused() -> None:
    """Ten of ten of ten: small on disk, and more nodes than anybody has."""
    levels = [
        {"id": f"s{level}", "nodes": [{"id": n, "type": f"s{level + 1}"} for n in range(10)]}
        for level in range(12)
    ]
    file = {"nodes": [{"id": 1, "type": "s0"}], "links": [], "definitions": {"subgraphs": levels}}

    assert "more than 2000 nodes" in refused(file).problems[0]


def test_links_in_a_circle_are_refused() -> None:
    """Two reroutes that lead to each other."""
    file = export("canvas.ui")
    on_canvas(file, 15).update({"mode": 4})
    on_canvas(file, 15)["inputs"][0]["link"] = 6
    file["links"] = [[6, 16, 0, 3, 0, "MODEL"] if link[0] == 6 else link for link in file["links"]]

    assert "Its links go in a circle" in refused(file).problems[0]
