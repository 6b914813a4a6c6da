"""The caption of a placeholder: what was asked for, and that no model made it."""

from __future__ import annotations

from msgspec import Struct
from PIL import Image, ImageDraw

from .lettering import font, wrapped

BADGE = "simulated, no model"

_SMALLEST_FONT = 6
_INK = "#ffffff"
_FAINT_INK = "#d5dae6"
_PANEL = "#0b0f1cb2"
_PROMPT_LINES = 4


class Caption(Struct, frozen=True, kw_only=True):
    """A text in large, and one line of facts below it."""

    text: str
    facts: str


def add_panel(picture: Image.Image, caption: Caption) -> None:
    """Lay *caption* over the lower part of *picture* and the badge over its upper left corner."""
    panel = paint_panel(*picture.size, caption)
    picture.paste(panel, mask=panel)


def paint_panel(width: int, height: int, caption: Caption) -> Image.Image:
    """Caption and badge on a transparent picture, to be laid over others."""
    panel = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(panel)
    unit = max(min(width, height) // 34, _SMALLEST_FONT)
    margin = unit
    face, small = font(unit), font(max(int(unit * 0.7), _SMALLEST_FONT))
    inner = max(width - 4 * margin, 1)
    lines = wrapped(caption.text, face, inner, _PROMPT_LINES)
    facts = wrapped(caption.facts, small, inner, 2)
    line_height, fact_height = int(unit * 1.35), int(unit * 1.0)
    panel_height = len(lines) * line_height + len(facts) * fact_height + int(unit * 1.5)
    top = max(height - margin - panel_height, 0)
    _shade(draw, (margin, top, width - margin, height - margin), unit)
    y = top + int(unit * 0.6)
    for line in lines:
        draw.text((2 * margin, y), line, font=face, fill=_INK)
        y += line_height
    y += int(unit * 0.15)
    for line in facts:
        draw.text((2 * margin, y), line, font=small, fill=_FAINT_INK)
        y += fact_height
    _add_badge(draw, unit)
    return panel


def _add_badge(draw: ImageDraw.ImageDraw, unit: int) -> None:
    face = font(max(int(unit * 0.75), _SMALLEST_FONT), bold=True)
    x = y = unit
    _shade(draw, (x, y, x + int(face.getlength(BADGE)) + unit, y + int(unit * 1.4)), unit)
    draw.text((x + unit // 2, y + unit // 4), BADGE, font=face, fill=_INK)


def _shade(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], radius: int) -> None:
    left, top, right, bottom = box
    if right > left and bottom > top:  # else the picture is too small for a panel
        draw.rounded_rectangle(box, radius=radius * 0.6, fill=_PANEL)
