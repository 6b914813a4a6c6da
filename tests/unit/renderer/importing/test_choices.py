"""What the operator names."""

from __future__ import annotations

from typing import Any

import pytest

from services.renderer.definition import Slot
from tests.unit.renderer.importing.asking import Graph, definition, export, refused, slots, studied


def test_a_node_goes_by_its_title_too() -> None:
    """In any case of letters: it is what stands on the canvas."""
    bind = definition(export("text_to_image.api"), slots={"prompt": ("what NOT to see.text",)}).recipe.bind

    assert slots("7.text") == bind.prompt


def test_a_choice_overrides_what_was_found() -> None:
    """Whatever is in the graph."""
    bind = definition(export("video.api"), slots={"steps": ("78.steps", "81.steps")}).recipe.bind

    assert slots("78.steps", "81.steps") == bind.steps


def test_names_may_have_dots() -> None:
    """A title may have them, and so has an input that depends on a choice."""
    graph = export("invert.api")
    graph["2"] = {
        "class_type": "ResizeImageMaskNode",
        "inputs": {
            "input": ["1", 0],
            "resize_type": "to size",
            "resize_type.width": 64,
            "resize_type.height": 64,
            "method": "area",
        },
        "_meta": {"title": "Scale v1.2"},
    }

    bind = definition(graph, slots={"width_px": ("Scale v1.2.resize_type.width",)}).recipe.bind

    assert (Slot(node="2", input="resize_type.width"),) == bind.width_px


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"slots": {"seed": ("99.seed",)}}, "called '99'. There are: “KSampler” (3)"),
        ({"slots": {"seed": ("3.sead",)}}, "“KSampler” (3) has no input 'sead'. It has: model, positive"),
        ({"slots": {"seed": ("seed",)}}, "Write it as NODE.INPUT, such as 3.seed."),
        ({"slots": {"seed": ("",)}}, "names no input"),
        ({"slots": {"speed": ("3.seed",)}}, "There is no parameter 'speed'. There are: prompt, negative"),
        ({"slots": {"prompt": ("3.seed",)}}, "prompt can't go to seed of “KSampler” (3), which takes INT."),
        ({"slots": {"seed": ("6.text",)}}, "seed can't go to text of “What to see” (6), which takes STRING."),
        ({"slots": {"prompt": ("6.clip",)}}, "is filled by “Load Checkpoint” (4); name an input of that."),
        ({"slots": {"prompt": ("7.text",), "negative": ("7.text",)}}, "would go to the same input"),
        ({"slots": {"seed": ("10.images",)}}, "No node that leads to an output is called '10'."),
        ({"pictures": ("nowhere",)}, "called 'nowhere'"),
        ({"optional": ("9",)}, "“Save Image” (9) can't be optional: it is no picture to edit."),
        ({"outputs": ("6",)}, "Nodes that save or show something: “Save Image” (9), “Preview” (10)."),
    ],
)
def test_a_choice_that_can_not_be_says_what_there_is(choices: dict[str, Any], says: str) -> None:
    """So that the next one is right."""
    answer = refused(export("text_to_image.api"), **choices)

    assert "bad-choice" == answer.code
    assert says in answer.problems[0]


def test_a_title_that_several_have_is_refused() -> None:
    """Their ids tell them apart."""
    graph: Graph = export("text_to_image.api")
    graph["7"]["_meta"]["title"] = "What to see"

    problem = refused(graph, slots={"prompt": ("What to see.text",)}).problems[0]

    assert "Several nodes are called 'What to see'. Name one by its id: 6, 7." == problem


def test_the_title_is_made_of_the_files_name() -> None:
    """Unless the operator has a better one."""
    graph = export("blank.api")

    assert ["My own", "Blank"] == [studied(graph).spec.title, studied(graph, title="Blank").spec.title]
