"""Preview frames while sampling: a small version of the result that clears up step by step."""

from __future__ import annotations

from PIL import Image, ImageFilter, ImageOps

from services.devstack.comfyui.values import Latent

from .decode import scene_key
from .palette import palette_for
from .scenery import paint_scenery

_SIDE = 256  # pixels of the longer side
_MOST_BLUR = 24.0


def preview(latent: Latent, part: float) -> Image.Image:
    """Picture of *latent* when *part* of its steps (0 to 1) are done."""
    recipe = latent.recipe
    if recipe is None:
        return Image.new("RGB", (_SIDE, _SIDE))
    size = _within(latent.width, latent.height)
    if recipe.pictures:
        small = ImageOps.fit(recipe.pictures[0], size)
    else:
        small = paint_scenery(*size, palette_for(recipe.prompt), scene_key(recipe, 0))
    return small.filter(ImageFilter.GaussianBlur(_MOST_BLUR * (1 - part)))


def _within(width: int, height: int) -> tuple[int, int]:
    scale = _SIDE / max(width, height)
    return max(round(width * scale), 1), max(round(height * scale), 1)
