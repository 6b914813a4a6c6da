"""Where seed, size, steps, guidance and count go, and how far."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.catalogue import Bounds
from tests.unit.renderer.importing.asking import Graph, definition, export, node, refused, slots, studied


def later_stage(graph: Graph, **changed: Any) -> Graph:
    """*graph* with a second sampler that refines what the first made."""
    again = graph["3"]["inputs"] | {"latent_image": ["3", 0], "seed": 9, "denoise": 0.4} | changed
    graph["20"] = {"class_type": "KSampler", "inputs": again}
    graph["8"]["inputs"]["samples"] = ["20", 0]
    return graph


def test_a_plain_graph_has_all_of_them() -> None:
    """One sampler, one canvas."""
    recipe = definition(export("text_to_image.api")).recipe

    assert slots("3.seed") == recipe.bind.seed
    assert slots("5.width") == recipe.bind.width_px
    assert slots("5.height") == recipe.bind.height_px
    assert {
        "width_px": Bounds(least=64, most=2048, default=1024, multiple_of=8),
        "height_px": Bounds(least=64, most=2048, default=768, multiple_of=8),
        "steps": Bounds(least=1, most=50, default=20),
        "cfg": Bounds(least=1, most=10, default=4.5),
        "count": Bounds(least=1, most=4, default=1),
    } == recipe.bounds


def test_a_graph_of_parts_has_them_where_they_are_written() -> None:
    """Noise, guider, plan and sampler are nodes of their own; a width may be a node as well."""
    bind = definition(export("custom_sampler.api")).recipe.bind

    assert slots("noise.noise_seed") == bind.seed
    assert slots("plan.steps") == bind.steps
    assert slots("width.value", "shift.width") == bind.width_px
    assert slots("canvas.height", "shift.height") == bind.height_px


def test_guidance_is_the_models_where_the_sampler_has_none() -> None:
    """FLUX is guided by its conditioning."""
    assert (
        slots("guide.guidance", "words.guidance") == definition(export("custom_sampler.api")).recipe.bind.cfg
    )


def test_a_size_that_others_are_told_changes_for_them_too() -> None:
    """ModelSamplingFlux has the picture's size; one that is only alike in one side is not meant."""
    graph = export("custom_sampler.api")
    graph["shift"]["inputs"]["height"] = 512

    assert slots("canvas.height") == definition(graph).recipe.bind.height_px


def test_a_later_stage_keeps_its_seed() -> None:
    """The same noise twice on one picture shows."""
    answer = studied(later_stage(export("text_to_image.api")))

    assert "seed of “KSampler” (3), now 42" == answer.found["seed"]
    assert "Seeds of later stages (1) stay as they are." in answer.warnings


def test_a_stage_that_adds_no_noise_has_no_seed() -> None:
    """Wan's second sampler goes on with the noise of the first."""
    recipe = definition(export("video.api")).recipe

    assert slots("81.noise_seed") == recipe.bind.seed


def test_divided_steps_stay_as_they_are() -> None:
    """Twice the steps would leave the second sampler with other than its share."""
    answer = studied(export("video.api"))

    assert "steps" not in answer.spec.bounds
    assert "steps stays as it is: the steps are divided among several samplers." in answer.warnings


def test_guidance_of_all_stages_changes_together() -> None:
    """It is the same in both."""
    assert slots("78.cfg", "81.cfg") == definition(export("video.api")).recipe.bind.cfg


def test_guidance_that_differs_stays_as_it_is() -> None:
    """One number can't stand for two."""
    answer = studied(later_stage(export("text_to_image.api"), cfg=2))

    assert "cfg" not in answer.spec.bounds
    assert any(one.startswith("cfg stays as it is: it differs between") for one in answer.warnings)


def test_steps_that_differ_are_those_of_the_first_stage() -> None:
    """Where the picture is made; a later one only refines it."""
    assert slots("3.steps") == definition(later_stage(export("text_to_image.api"), steps=8)).recipe.bind.steps


def test_a_video_is_one_at_a_time_and_smaller() -> None:
    """A batch of videos would be one after the other in a single file."""
    bounds = definition(export("video.api")).recipe.bounds

    assert {"width_px", "height_px", "cfg"} == bounds.keys()
    assert 1280 == bounds["width_px"].most


def test_one_number_for_both_sides_is_left_alone() -> None:
    """A square that is asked to be wide would come out square."""
    graph = export("custom_sampler.api")
    graph["canvas"]["inputs"]["height"] = ["width", 0]

    answer = studied(graph)

    assert not {"width_px", "height_px"} & answer.spec.bounds.keys()
    assert "width_px stays as it is: width_px and height_px come from the same input." in answer.warnings


def test_a_number_that_is_worked_out_is_left_alone() -> None:
    """There is no one place where it is written."""
    graph = export("text_to_image.api")
    graph["20"] = node("Unheard", a=1, b=2)
    graph["5"]["inputs"]["width"] = ["20", 0]

    assert "width_px" not in studied(graph).spec.bounds


@pytest.mark.parametrize(("switch", "place"), [(True, "21.value"), (False, "22.value")])
def test_a_switch_leads_to_the_branch_that_it_is_set_to(switch: bool, place: str) -> None:  # noqa: FBT001
    """The other one is never looked at."""
    graph = export("text_to_image.api")
    graph["20"] = node("ComfySwitchNode", switch=switch, on_true=["21", 0], on_false=["22", 0])
    graph["21"], graph["22"] = node("PrimitiveInt", value=4), node("PrimitiveInt", value=20)
    graph["3"]["inputs"]["steps"] = ["20", 0]

    assert slots(place) == definition(graph).recipe.bind.steps


@pytest.mark.parametrize(
    ("width", "bounds"),
    [
        (1000, Bounds(least=64, most=2048, default=1000, multiple_of=8)),
        (1023, Bounds(least=64, most=2048, default=1023)),
        (4096, Bounds(least=64, most=4096, default=4096, multiple_of=8)),
        (32, Bounds(least=32, most=2048, default=32, multiple_of=8)),
    ],
)
def test_bounds_hold_what_the_graph_has(width: int, bounds: Bounds) -> None:
    """However unusual: it is what its maker wanted."""
    graph = export("text_to_image.api")
    graph["5"]["inputs"]["width"] = width

    assert bounds == definition(graph).recipe.bounds["width_px"]


def test_the_operators_bounds_are_taken() -> None:
    """In place of those that were found, default included."""
    mine = Bounds(least=4, most=8, default=6)

    assert mine == definition(export("text_to_image.api"), bounds={"steps": mine}).recipe.bounds["steps"]


@pytest.mark.parametrize(
    ("parameter", "bounds", "says"),
    [
        ("steps", Bounds(least=1, most=20_000, default=4), "goes from 1 to 10000"),
        ("steps", Bounds(least=1, most=8, default=9), "the default does not fit"),
        ("steps", Bounds(least=0.5, most=8, default=2), "whole numbers"),
        ("count", Bounds(least=1, most=float("inf"), default=1), "finite"),
        ("height", Bounds(least=1, most=8, default=1), "There is no parameter 'height'"),
    ],
)
def test_bounds_that_can_not_be_are_refused(parameter: str, bounds: Bounds, says: str) -> None:
    """Every render with them would fail, or none could be asked for."""
    assert says in " ".join(refused(export("text_to_image.api"), bounds={parameter: bounds}).problems)


def test_bounds_of_what_goes_nowhere_are_refused() -> None:
    """The workflow has no steps."""
    bounds = {"steps": Bounds(least=1, most=8, default=2)}

    assert "goes nowhere" in refused(export("blank.api"), bounds=bounds).problems[0]


def test_an_empty_choice_unbinds() -> None:
    """People then can't change it, and it stays as it is."""
    recipe = definition(export("text_to_image.api"), slots={"steps": ()}).recipe

    assert () == recipe.bind.steps
    assert "steps" not in recipe.bounds


def test_a_sampler_that_adds_no_noise_needs_no_seed() -> None:
    """Though it has one, and though nothing comes before it."""
    graph = export("video.api")
    graph["81"]["inputs"]["add_noise"] = "disable"

    answer = studied(graph)

    assert "seed" not in answer.found
    assert "No seed is written in it: asked twice, it makes the same." in answer.warnings


def test_noise_of_its_own_node_belongs_to_the_stage_that_takes_it() -> None:
    """The second stage has noise of its own, which nothing comes before."""
    graph = export("custom_sampler.api")
    graph["noise 2"] = node("RandomNoise", noise_seed=5)
    graph["sample 2"] = node(
        "SamplerCustomAdvanced",
        **graph["sample"]["inputs"] | {"noise": ["noise 2", 0], "latent_image": ["sample", 0]},
    )
    graph["decode"]["inputs"]["samples"] = ["sample 2", 0]

    assert slots("noise.noise_seed") == definition(graph).recipe.bind.seed


def test_what_changes_a_size_is_no_canvas() -> None:
    """It works on a picture that is there already."""
    graph = later_stage(export("text_to_image.api"))
    graph["21"] = node("LatentUpscale", samples=["3", 0], width=2048, height=1536)
    graph["20"]["inputs"]["latent_image"] = ["21", 0]

    assert slots("5.width") == definition(graph).recipe.bind.width_px


def test_a_node_that_hands_its_size_on_has_it_written() -> None:
    """Among others that it takes."""
    graph = export("text_to_image.api")
    graph["20"] = node("SizeAndMore", width=640, height=480, length=9)
    graph["5"]["inputs"] |= {"width": ["20", 1], "height": ["20", 2]}

    bind = definition(graph).recipe.bind

    assert (slots("20.width"), slots("20.height")) == (bind.width_px, bind.height_px)
