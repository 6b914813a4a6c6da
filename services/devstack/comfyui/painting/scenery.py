"""A landscape with sky, light and hills: pleasant, quick, and different for every key."""

from __future__ import annotations

import math

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

from .dice import Dice
from .palette import Palette

_LAYERS = 5
_SMOOTHING = 2  # hills are drawn so many times larger, then reduced
_POINTS_PER_LAYER = 160
_HORIZON = 0.62  # of the height: below it the sky no longer changes

Rgb = tuple[int, int, int]


def paint_scenery(width: int, height: int, palette: Palette, key: str) -> Image.Image:
    """Landscape of *width* x *height* pixels; its forms depend on *key*, its colours on *palette*."""
    dice = Dice(key)
    picture = _sky(width, height, palette)
    _add_light(picture, palette, dice)
    far, near = _rgb(palette.hills[0]), _rgb(palette.hills[1])
    for layer in range(_LAYERS):
        depth = layer / (_LAYERS - 1)
        picture.paste(_mixed(far, near, depth), mask=_hill(width, height, depth, dice))
    return picture


def _sky(width: int, height: int, palette: Palette) -> Image.Image:
    ramp = Image.new("L", (width, height), 255)
    upper = (width, max(round(height * _HORIZON), 1))
    ramp.paste(Image.linear_gradient("L").resize(upper, Image.Resampling.BICUBIC))
    top, middle, bottom = palette.sky
    return ImageOps.colorize(ramp, black=top, mid=middle, white=bottom)


def _add_light(picture: Image.Image, palette: Palette, dice: Dice) -> None:
    width, height = picture.size
    radius = min(width, height) * dice.between(0.06, 0.1)
    x, y = width * dice.between(0.2, 0.8), height * dice.between(0.18, 0.42)
    for spread, strength in ((2.4, 60), (1.0, 255)):
        mask = Image.new("L", picture.size, 0)
        reach = radius * spread
        ImageDraw.Draw(mask).ellipse((x - reach, y - reach, x + reach, y + reach), fill=strength)
        blur = radius * (0.8 if spread > 1 else 0.02)
        picture.paste(_rgb(palette.light), mask=mask.filter(ImageFilter.GaussianBlur(blur)))


def _hill(width: int, height: int, depth: float, dice: Dice) -> Image.Image:
    size = (width * _SMOOTHING, height * _SMOOTHING)
    base = 0.52 + 0.3 * depth
    waves = [
        (dice.between(0.6, 1.4) * 2**octave, dice.throw() * math.tau, 0.075 / 1.9**octave)
        for octave in range(4)
    ]
    outline: list[tuple[float, float]] = []
    for index in range(_POINTS_PER_LAYER + 1):
        part = index / _POINTS_PER_LAYER
        rise = sum(high * math.sin(math.tau * often * part + phase) for often, phase, high in waves)
        outline.append((part * size[0], (base - rise) * size[1]))
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon([*outline, (size[0], size[1]), (0, size[1])], fill=255)
    return mask.reduce(_SMOOTHING)


def _rgb(color: str) -> Rgb:
    red, green, blue = ImageColor.getrgb(color)[:3]
    return red, green, blue


def _mixed(one: Rgb, other: Rgb, part: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue
