"""Samplers: they take `steps x step_s` seconds, report every step, and note what was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from services.devstack.comfyui.faults import Faults
from services.devstack.comfyui.painting.preview import preview
from services.devstack.comfyui.values import Conditioning, Latent, Model, Recipe

from .inputs import choice, integer, link, number
from .job import NodeJob
from .sampler_names import SAMPLERS, SCHEDULERS
from .spec import Node, NodeResult

_MAX_SEED = 2**64 - 1


class OutOfMemoryError(RuntimeError):
    """What torch raises when the GPU is full. It reports itself by torch's name."""


OutOfMemoryError.__module__, OutOfMemoryError.__qualname__ = "torch", "OutOfMemoryError"


async def _sample(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    latent: Latent = given["latent_image"]
    recipe = _recipe(given, given["seed"], latent, keeps_pixels=given["denoise"] < 1)
    return await _run_steps(job, latent, recipe, given["steps"])


async def _sample_advanced(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    latent: Latent = given["latent_image"]
    recipe = _recipe(given, given["noise_seed"], latent, keeps_pixels=given["start_at_step"] > 0)
    if given["add_noise"] == "disable" and latent.recipe is not None:
        # The second half of a two-model run goes on from the first half's noise.
        recipe = msgspec.structs.replace(recipe, seed=latent.recipe.seed)
    last = min(given["end_at_step"], given["steps"])
    return await _run_steps(job, latent, recipe, max(last - given["start_at_step"], 0))


def _recipe(given: Mapping[str, Any], seed: int, latent: Latent, *, keeps_pixels: bool) -> Recipe:
    model: Model = given["model"]
    positive: Conditioning = given["positive"]
    negative: Conditioning = given["negative"]
    kept = latent.pixels[:1] if keeps_pixels else ()
    return Recipe(
        prompt=positive.text,
        negative=negative.text,
        seed=seed,
        steps=given["steps"],
        model=model.file,
        device=model.device,
        pictures=positive.pictures or kept,
    )


async def _run_steps(job: NodeJob, latent: Latent, recipe: Recipe, steps: int) -> NodeResult:
    done = msgspec.structs.replace(latent, recipe=recipe)
    for step in range(1, steps + 1):
        if job.faults.spend("out_of_memory_runs"):
            raise OutOfMemoryError("Allocation on device ")
        await job.faults.over(lambda faults, step=step: _hangs(faults, step))
        await asyncio.sleep(job.step_s)
        await job.report(step, steps, lambda part=step / steps: preview(done, part))
    return NodeResult(outputs=(done,))


def _hangs(faults: Faults, step: int) -> bool:
    return faults.hang_before_step is not None and step >= faults.hang_before_step


_NOISE = (
    integer("steps", 20, 1, 10000),
    number("cfg", 8.0, 0.0, 100.0, step=0.1, round=0.01),
    choice("sampler_name", SAMPLERS),
    choice("scheduler", SCHEDULERS),
    link("positive", "CONDITIONING"),
    link("negative", "CONDITIONING"),
    link("latent_image", "LATENT"),
)

SAMPLING = (
    Node(
        name="KSampler",
        display_name="KSampler",
        category="sampling",
        run=_sample,
        inputs=(
            link("model", "MODEL"),
            integer("seed", 0, 0, _MAX_SEED, control_after_generate=True),
            *_NOISE,
            number("denoise", 1.0, 0.0, 1.0, step=0.01),
        ),
        outputs=("LATENT",),
    ),
    Node(
        name="KSamplerAdvanced",
        display_name="KSampler (Advanced)",
        category="sampling",
        run=_sample_advanced,
        inputs=(
            link("model", "MODEL"),
            choice("add_noise", ("enable", "disable")),
            integer("noise_seed", 0, 0, _MAX_SEED, control_after_generate=True),
            *_NOISE,
            integer("start_at_step", 0, 0, 10000),
            integer("end_at_step", 10000, 0, 10000),
            choice("return_with_leftover_noise", ("disable", "enable")),
        ),
        outputs=("LATENT",),
    ),
)
