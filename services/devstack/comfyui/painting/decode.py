"""From a latent to the placeholder that shows what was asked for."""

from __future__ import annotations

from PIL import Image

from services.devstack.comfyui.values import Frames, Latent, Recipe

from .caption import Caption, add_panel
from .edit import paint_edit
from .moving import Pan
from .palette import palette_for
from .scenery import paint_scenery

_UNDRAWN = "#6f7480"  # what no sampler touched
_PAN_WIDTH = 1.35  # of the frame

_MODEL_NAMES = {
    "flux1-schnell": "FLUX.1 schnell",
    "flux1-dev": "FLUX.1 dev",
    "sd3.5": "Stable Diffusion 3.5",
    "wan2.2": "Wan 2.2",
    "qwen_image_edit": "Qwen image edit",
}


def decoded(latent: Latent) -> Frames:
    """Pictures, or video frames, of *latent*. Slow for large ones: keep it off the event loop."""
    if latent.recipe is None:
        plain = latent.pixels or (Image.new("RGB", (latent.width, latent.height), _UNDRAWN),) * latent.batch
        return plain * (latent.frames or 1)
    if latent.frames is not None:
        return _video(latent, latent.recipe, latent.frames)
    return tuple(_picture(latent, latent.recipe, index) for index in range(latent.batch))


def _picture(latent: Latent, recipe: Recipe, index: int) -> Image.Image:
    caption = _caption(latent, recipe, index)
    if recipe.pictures:
        return paint_edit(latent.width, latent.height, recipe, caption)
    picture = paint_scenery(latent.width, latent.height, palette_for(recipe.prompt), scene_key(recipe, index))
    add_panel(picture, caption)
    return picture


def _video(latent: Latent, recipe: Recipe, frames: int) -> Frames:
    wide = round(latent.width * _PAN_WIDTH)
    scenery = paint_scenery(wide, latent.height, palette_for(recipe.prompt), scene_key(recipe, 0))
    return Pan(scenery, latent.width, frames, _caption(latent, recipe, 0))


def scene_key(recipe: Recipe, index: int) -> str:
    """What the forms of a landscape depend on."""
    return f"{recipe.seed} {index} {recipe.prompt}"


def _caption(latent: Latent, recipe: Recipe, index: int) -> Caption:
    facts = [
        f"seed {recipe.seed}",
        f"{latent.width}x{latent.height}",
        f"{recipe.steps} steps",
        _model_name(recipe.model),
    ]
    if recipe.device is not None:
        facts.append(f"on {recipe.device}")
    if latent.batch > 1:
        facts.append(f"{index + 1} of {latent.batch}")
    if recipe.negative:
        facts.append(f"not: {recipe.negative}")
    return Caption(text=recipe.prompt or "(empty prompt)", facts="  ·  ".join(facts))


def _model_name(file: str) -> str:
    for start, name in _MODEL_NAMES.items():
        if file.startswith(start):
            return name
    return file.removesuffix(".safetensors")
