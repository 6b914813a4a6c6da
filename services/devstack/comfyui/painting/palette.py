"""Colours that go together: a sky from top to bottom, a light, and hills from far to near."""

from __future__ import annotations

from msgspec import Struct

from .dice import Dice


class Palette(Struct, frozen=True, kw_only=True):
    """Colours as #rrggbb."""

    sky: tuple[str, str, str]
    light: str
    hills: tuple[str, str]


PALETTES = (
    Palette(sky=("#1b2a5b", "#7a4b8c", "#f2a27c"), light="#ffe3b0", hills=("#8d5a86", "#1d1838")),
    Palette(sky=("#0f3d5c", "#3c8dad", "#f4e7c5"), light="#fff6da", hills=("#5f9ea8", "#0d2f3f")),
    Palette(sky=("#2b1055", "#7597de", "#ffd3e0"), light="#fff1f6", hills=("#8f86c9", "#231942")),
    Palette(sky=("#12372a", "#5c9c76", "#f3ead0"), light="#fff3c4", hills=("#7fb08c", "#10291f")),
    Palette(sky=("#3a1c1c", "#b8563b", "#ffd08a"), light="#fff0c9", hills=("#b36a4b", "#2a1414")),
    Palette(sky=("#0b132b", "#2f4b7c", "#a6c5e0"), light="#f7fbff", hills=("#5b7aa6", "#0b1830")),
    Palette(sky=("#402a56", "#b65d8d", "#ffc9a9"), light="#ffeedd", hills=("#a5628f", "#2a1a3b")),
    Palette(sky=("#154360", "#48a9a6", "#fbe9d0"), light="#ffffff", hills=("#6fb6ae", "#123a45")),
)


def palette_for(text: str) -> Palette:
    """Palette of a text: the same words keep their colours whatever the seed."""
    return Dice(f"palette {text}").pick(PALETTES)
