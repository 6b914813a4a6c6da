"""The placeholder of an edit: the input pictures, framed, with the instruction below them."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageOps

from services.devstack.comfyui.values import Recipe

from .caption import BADGE, Caption
from .dice import Dice
from .lettering import font, wrapped
from .palette import palette_for

_FRAME_SHARE = 0.03  # of the shorter side
_FOOT_SHARE = 0.13  # of the height
_INSET_SHARE = 0.28  # further inputs, of the picture's width
_SMALLEST_FONT = 6


def picture_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Where the first input lies on an edit of *width* x *height*: left, top, right, bottom."""
    frame = _frame(width, height)
    return frame, frame, width - frame, height - round(height * _FOOT_SHARE)


def paint_edit(width: int, height: int, recipe: Recipe, caption: Caption) -> Image.Image:
    """Show what was edited: the first input nearly fills the frame, others lie in its corner."""
    palette = palette_for(recipe.prompt)
    key = f"{recipe.prompt} {recipe.seed}"
    canvas = Image.new("RGB", (width, height), Dice(key).pick((*palette.sky[:2], palette.hills[0])))
    left, top, right, bottom = picture_box(width, height)
    _place(canvas, recipe.pictures[0], (left, top, right, bottom))
    for index, extra in enumerate(recipe.pictures[1:], start=1):
        inset = round((right - left) * _INSET_SHARE)
        corner = right - _frame(width, height) - (inset + _frame(width, height)) * (index - 1)
        _place(
            canvas, extra, (corner - inset, top + (right - corner), corner, top + (right - corner) + inset)
        )
    _write_foot(canvas, caption, palette.light)
    return canvas


def _frame(width: int, height: int) -> int:
    return max(round(min(width, height) * _FRAME_SHARE), 1)


def _place(canvas: Image.Image, picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    if right <= left or bottom <= top:
        return
    fitted = ImageOps.contain(picture, (right - left, bottom - top), Image.Resampling.LANCZOS)
    x = left + (right - left - fitted.width) // 2
    y = top + (bottom - top - fitted.height) // 2
    canvas.paste(fitted, (x, y))


def _write_foot(canvas: Image.Image, caption: Caption, ink: str) -> None:
    width, height = canvas.size
    foot = round(height * _FOOT_SHARE)
    unit = max(min(foot // 4, width // 28), _SMALLEST_FONT)
    margin = _frame(width, height)
    inner = max(width - 2 * margin, 1)
    face, small = font(unit, bold=True), font(max(int(unit * 0.7), _SMALLEST_FONT))
    draw = ImageDraw.Draw(canvas)
    y = height - foot + unit // 2
    for line in wrapped(caption.text, face, inner, 2):
        draw.text((margin, y), line, font=face, fill="#ffffff")
        y += round(unit * 1.2)
    for line in wrapped(f"{BADGE}  ·  {caption.facts}", small, inner, 1):
        draw.text((margin, y + unit // 8), line, font=small, fill=ink)
