"""
The shipped workflows render what ComfyUI's official templates render: same files, same settings, same wiring.

The templates are read from the package, not copied. Where ours differ from them, it is listed here with
the reason, and a difference that goes away, or comes, fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec import Struct

from schemas.params import RenderParams
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.definition import Definition
from services.renderer.graph import Graph
from services.renderer.workflow import Wishes, filled
from tests.contract.official_template import Template

Place = tuple[str, str]


class Pair(Struct, frozen=True):
    """One of ours and the template that it follows."""

    ours: str
    template: str
    turned: Mapping[str, bool] = {}
    intended: Mapping[Place, str] = {}  # node and input (or class_type), and why it differs


LIGHTNING = {"Enable Lightning LoRA": True}
PAIRS = [
    Pair("sd35-large", "sd3.5_simple_example"),
    Pair("flux-schnell", "flux_schnell_full_text_to_image"),
    Pair(
        "flux-dev",
        "flux_dev_full_text_to_image",
        intended={
            (
                "prompt",
                "class_type",
            ): "The template went over from CLIPTextEncodeFlux to CLIPTextEncode, which "
            "leaves guidance at 3.5. Ours says the same 3.5 by name, so that a person can choose another; "
            "it is the schnell template's, which still has it (see below).",
        },
    ),
    Pair(
        "wan22-t2v",
        "video_wan2_2_14B_t2v",
        # The template ships with 20 steps and the LoRA off; 4 steps with the LoRA is its own other setting.
        turned=LIGHTNING,
        intended={
            (
                "negative",
                "text",
            ): "At cfg 1 the sampler never looks at it: its words would only be read in vain.",
        },
    ),
    Pair(
        "qwen-edit-2509",
        "image_qwen_image_edit_2509",
        turned=LIGHTNING,
        intended={
            ("save", "class_type"): "SaveImageAdvanced came after ComfyUI 0.8; with png, 8-bit and sRGB it "
            "saves what SaveImage does.",
            ("norm", "unnamed widget 1"): "A switch that CFGNorm got after ComfyUI 0.8, and that is off.",
        },
    ),
]
_OF_THE_FRONT_END = {"control_after_generate", "image_upload"}
each_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.ours)


@each_pair
def test_files_are_the_templates(pair: Pair) -> None:
    """The same files, into the same folders, from the same repositories."""
    ours = read_workflow(OWN / pair.ours)

    assert Template(pair.template, pair.turned).models() == set(ours.recipe.models)


@each_pair
def test_settings_and_wiring_are_the_templates(pair: Pair) -> None:
    """Every node up from what is saved, every value of it: samplers, steps, sizes, frames, shifts, links."""
    ours = read_workflow(OWN / pair.ours)
    differing = set(differences(ours, Template(pair.template, pair.turned).graph()))

    assert set(pair.intended) == differing


def test_the_guidance_of_flux_dev_is_the_one_of_its_generation() -> None:
    """Its own template no longer says any; the other FLUX template does."""
    schnell = Template("flux_schnell_full_text_to_image", {}).graph()
    [said] = [node.inputs["guidance"] for node in schnell.values() if "guidance" in node.inputs]

    assert said == rendered(read_workflow(OWN / "flux-dev"))["prompt"].inputs["guidance"]


@pytest.mark.parametrize(
    ("node_id", "name", "value", "place"),
    [
        ("high-noise-sampler", "end_at_step", 3, None),
        ("low-noise-sampler", "scheduler", "beta", None),
        ("low-noise-shift", "shift", 8, None),
        ("canvas", "length", 77, None),
        ("video", "fps", 24, None),
        ("low-noise-model", "unet_name", "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", None),
        ("low-noise-sampler", "latent_image", ["canvas", 0], ("canvas", "class_type")),
        ("high-noise-shift", "model", ["high-noise-model", 0], ("high-noise-model", "class_type")),
    ],
)
def test_a_difference_is_found(node_id: str, name: str, value: Any, place: Place | None) -> None:
    """The comparison is no formality: a wrong value or a wrong link anywhere is named."""
    ours = read_workflow(OWN / "wan22-t2v")
    ours.prompt[node_id].inputs[name] = value

    found = set(differences(ours, Template("video_wan2_2_14B_t2v", LIGHTNING).graph()))

    assert (place or (node_id, name)) in found


def rendered(ours: Definition) -> Graph:
    """What is submitted when nothing but words, and the pictures it needs, are given."""
    needed = tuple("input.png" for picture in ours.recipe.pictures if not picture.optional)
    wishes = Wishes(prompt="", negative="", params=RenderParams(seed=0), pictures=needed, file_stem="")
    return filled(ours, wishes)


def differences(ours: Definition, template: Graph) -> Iterator[Place]:
    """Where what *ours* renders differs from *template*, besides what a person gives it."""
    bind, graph = ours.recipe.bind, rendered(ours)
    given = {(slot.node, slot.input) for slot in (*bind.prompt, *bind.negative, *bind.seed)}
    given |= {(picture.node, picture.input) for picture in ours.recipe.pictures}
    given |= {(node_id, "filename_prefix") for node_id in ours.recipe.outputs}
    [saved] = [node_id for node_id, node in template.items() if node.class_type.startswith("Save")]
    [output] = ours.recipe.outputs
    yield from _differing(graph, output, template, saved, given)


def _differing(ours: Graph, mine: str, template: Graph, its: str, given: set[Place]) -> Iterator[Place]:
    own, official = ours[mine], template[its]
    alike = own.class_type == official.class_type
    if not alike:
        yield mine, "class_type"
    for name in {*own.inputs, *official.inputs} - _OF_THE_FRONT_END:
        a, b = own.inputs.get(name), official.inputs.get(name)
        if isinstance(a, list) and isinstance(b, list):
            if a[1] != b[1]:
                yield mine, name
            yield from _differing(ours, a[0], template, b[0], given)
        # Another class has other inputs; only what is linked to both of them can be compared.
        elif alike and (mine, name) not in given and not _equal(a, b):
            yield mine, name


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b)  # the front end's arrows leave 5.000000000000001 behind
    return bool(a == b)
