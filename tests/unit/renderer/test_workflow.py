"""Parameters into graphs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.params import MAX_SEED, RenderParams
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.workflow import UnfitError, Wishes, filled

FLUX = read_workflow(OWN / "flux-schnell")
QWEN = read_workflow(OWN / "qwen-edit-2509")
WISHES = Wishes(
    prompt="an astronaut", negative="", params=RenderParams(seed=7), pictures=(), file_stem="darkroom-x"
)


def inputs(graph: Any, node_id: str) -> dict[str, Any]:
    """Inputs of a node."""
    return graph[node_id].inputs


def test_defaults_are_the_official_templates() -> None:
    """Asked for nothing, flux schnell samples as its template does, with our words, seed and file name."""
    graph = filled(FLUX, WISHES)

    sampler = inputs(graph, "sampler")
    assert (7, 4, 1, "euler", "simple", 1) == tuple(
        sampler[name] for name in ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")
    )
    assert {"width": 1024, "height": 1024, "batch_size": 1} == inputs(graph, "canvas")
    assert ("an astronaut", "an astronaut", 3.5) == tuple(
        inputs(graph, "prompt")[name] for name in ("clip_l", "t5xxl", "guidance")
    )
    assert "darkroom-x" == inputs(graph, "save")["filename_prefix"]


def test_what_is_asked_for_is_filled_in() -> None:
    """Size, steps and count go where the workflow has them, as whole numbers."""
    params = RenderParams(seed=MAX_SEED, width_px=512, height_px=768, steps=8, count=3)
    graph = filled(FLUX, replace(WISHES, params=params))

    assert {"width": 512, "height": 768, "batch_size": 3} == inputs(graph, "canvas")
    assert (MAX_SEED, 8) == (inputs(graph, "sampler")["seed"], inputs(graph, "sampler")["steps"])


def test_the_definition_is_never_changed() -> None:
    """A graph is a copy: the next one does not find the words of the last."""
    before = FLUX.text()
    filled(FLUX, WISHES)

    assert before == FLUX.text()


@pytest.mark.parametrize("given_pictures", [1, 2, 3])
def test_an_edit_keeps_only_the_pictures_it_has(given_pictures: int) -> None:
    """Loaders of pictures that were not given are gone, and so are the links to them."""
    names = tuple(f"{number}.png" for number in range(1, given_pictures + 1))
    graph = filled(QWEN, replace(WISHES, pictures=names))

    loaders = [node_id for node_id, node in graph.items() if node.class_type == "LoadImage"]
    assert [f"picture-{number}" for number in range(1, given_pictures + 1)] == loaders
    assert list(names) == [inputs(graph, loader)["image"] for loader in loaders]
    for node_id in ("prompt", "negative"):
        linked = [name for name in inputs(graph, node_id) if name.startswith("image")]
        assert [f"image{number}" for number in range(1, given_pictures + 1)] == linked
    assert all(source in graph for node in graph.values() for _, source in node.links())


def test_the_negative_prompt_goes_to_its_own_node() -> None:
    """And the positive one keeps only the words that describe the picture."""
    graph = filled(QWEN, replace(WISHES, negative="blur", pictures=("1.png",)))

    assert ("an astronaut", "blur") == (
        inputs(graph, "prompt")["prompt"],
        inputs(graph, "negative")["prompt"],
    )


def test_guidance_need_not_be_a_whole_number() -> None:
    """``--cfg 2.3`` is as good as 2."""
    params = RenderParams(seed=7, cfg=2.3)
    graph = filled(QWEN, replace(WISHES, params=params, pictures=("1.png",)))

    assert 2.3 == inputs(graph, "sampler")["cfg"]


@pytest.mark.parametrize(
    "changed",
    [
        {"params": RenderParams()},
        {"params": RenderParams(seed=1, width_px=2064)},
        {"params": RenderParams(seed=1, height_px=240)},
        {"params": RenderParams(seed=1, width_px=1000)},
        {"params": RenderParams(seed=1, steps=13)},
        {"params": RenderParams(seed=1, count=5)},
        {"pictures": ("1.png",)},
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any]) -> None:
    """No seed, a number out of bounds or off its step, a picture too many."""
    with pytest.raises(UnfitError):
        filled(FLUX, replace(WISHES, **changed))


@pytest.mark.parametrize("count", [0, 4])
def test_an_edit_needs_its_pictures(count: int) -> None:
    """None is too few, and four are too many."""
    with pytest.raises(UnfitError):
        filled(QWEN, replace(WISHES, pictures=("x.png",) * count))


def test_without_a_seed_of_its_own_none_is_needed() -> None:
    """A workflow that draws nothing at random has no place for one."""
    bind = replace(FLUX.recipe.bind, seed=())
    unseeded = replace(FLUX, recipe=replace(FLUX.recipe, bind=bind))

    expected = filled(unseeded, replace(WISHES, params=RenderParams(seed=7)))
    assert expected == filled(unseeded, replace(WISHES, params=RenderParams()))
    assert FLUX.prompt["sampler"].inputs["seed"] == inputs(expected, "sampler")["seed"]


@given(st.text(), st.integers(0, MAX_SEED))
def test_words_stay_words(prompt: str, seed: int) -> None:
    """Whatever a person writes ends up in the prompt's inputs and nowhere else."""
    graph = filled(FLUX, replace(WISHES, prompt=prompt, params=RenderParams(seed=seed)))
    plain = filled(FLUX, replace(WISHES, prompt="", params=RenderParams(seed=seed)))

    differing = {node_id for node_id in graph if graph[node_id] != plain[node_id]}
    assert differing <= {"prompt"}
    assert prompt == inputs(graph, "prompt")["t5xxl"]
