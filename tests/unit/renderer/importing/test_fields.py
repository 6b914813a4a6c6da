"""Which of a node's values belongs to which of its inputs."""

from __future__ import annotations

from typing import Any

import pytest

from services.renderer.importing.classes import Classes
from services.renderer.importing.editor.canvas import Node
from services.renderer.importing.editor.fields import Fields, UnsureError, read_fields
from tests.unit.renderer.importing.nodes import info

CLASSES = Classes(info())


def fields(class_type: str, values: Any, **more: Any) -> Fields:
    """What a node of that class holds."""
    its = CLASSES.get(class_type)
    assert its is not None
    return read_fields(Node(id=1, type=class_type, widgets_values=values, **more), its, CLASSES)


@pytest.mark.parametrize(
    ("class_type", "values", "expected"),
    [
        ("EmptyImage", [64, 32, 1, 0], {"width": 64, "height": 32, "batch_size": 1, "color": 0}),
        ("RandomNoise", [7, "randomize"], {"noise_seed": 7}),
        ("LoadImage", ["a.png", "image"], {"image": "a.png"}),
        ("LoadFaded", ["a.png", "image", 0.5, "n"], {"image": "a.png", "strength": 0.5, "note": "n"}),
        ("PrimitiveInt", [5, "fixed"], {"value": 5}),
        ("ControlNetApplyAdvanced", [0.5], {"strength": 0.5}),
        (
            "ResizeImageMaskNode",
            ["to size", 64, 32, "area"],
            {
                "resize_type": "to size",
                "resize_type.width": 64,
                "resize_type.height": 32,
                "method": "area",
            },
        ),
        (
            "ResizeImageMaskNode",
            ["by factor", 2, "lanczos"],
            {"resize_type": "by factor", "resize_type.factor": 2, "method": "lanczos"},
        ),
        ("SaveImage", {"filename_prefix": "x", "other": 1}, {"filename_prefix": "x"}),
        ("Tracks", [3, "m"], {"count": 3, "note": "m"}),
        ("Tracks", ["[]", 3, "m"], {"count": 3, "note": "m"}),
        ("Tracks", [3], {"count": 3, "note": "n"}),
        ("SaveImage", None, {"filename_prefix": "ComfyUI"}),
        ("SaveImage", [None], {"filename_prefix": "ComfyUI"}),
    ],
    ids=[
        "in order",
        "after a seed",
        "behind a file",
        "and before what is optional",
        "what becomes of it",
        "sockets have none",
        "a choice brings its own",
        "another choice, others",
        "by name",
        "a socket with a field's type",
        "which had a field once",
        "a field that is new here",
        "nothing said",
        "nothing in it",
    ],
)
def test_each_value_finds_its_input(class_type: str, values: Any, expected: dict[str, Any]) -> None:
    """In the order in which the editor shows the fields."""
    assert expected == fields(class_type, values).values


def test_names_beside_the_values_are_believed() -> None:
    """Newer editors write them."""
    named = {"noise_seed": 9, "control_after_generate": "fixed"}

    assert {"noise_seed": 9} == fields("RandomNoise", [9, "fixed"], widgets_values_named=named).values


def test_a_newer_comfyuis_values_are_left_over() -> None:
    """New fields come last, or no older file could be opened."""
    assert ("fancy", 3) == fields("SaveImage", ["x", "fancy", 3]).surplus


@pytest.mark.parametrize(
    ("class_type", "values", "named", "says"),
    [
        ("EmptyImage", ["randomize", 64, 1, 0], None, "has 'randomize' where its 'width' would be"),
        ("EmptyImage", [64, 1.5, 1, 0], None, "has 1.5 where its 'height' would be"),
        ("EmptyImage", [True, 64, 1, 0], None, "has True where its 'width' would be"),
        ("CLIPTextEncode", [5], None, "has 5 where its 'text' would be"),
        ("ComfySwitchNode", ["yes"], None, "has 'yes' where its 'switch' would be"),
        ("KSamplerSelect", ["dreamy", 3], None, "has 'dreamy' where its 'sampler_name' would be"),
        ("RandomNoise", [9, "fixed"], {"noise_seed": 8, "control": "fixed"}, "has one value in its list"),
    ],
)
def test_values_that_do_not_fit_are_not_guessed(
    class_type: str, values: list[Any], named: dict[str, Any] | None, says: str
) -> None:
    """A file of another version: what is meant can't be told."""
    with pytest.raises(UnsureError, match=says):
        fields(class_type, values, widgets_values_named=named)
