"""Text on pictures: a font that is there, words wrapped to a width, and no text that can break it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageFont

_FACES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_MOST_CHARACTERS = 600  # more cannot be legible, and measuring it would be slow

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=64)
def font(size: int, *, bold: bool = False) -> Font:
    """Font of *size* pixels: DejaVu, which knows most scripts, or else the one inside Pillow."""
    try:
        return ImageFont.truetype(_FACES[bold], size)
    except OSError:
        return ImageFont.load_default(size)


def printable(text: str) -> str:
    """*text* as one paragraph without control characters or halves of surrogate pairs."""
    joined = " ".join(text.split())
    return "".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in joined)


def wrapped(text: str, face: Font, width: float, most_lines: int) -> list[str]:
    """Lines of *text* no wider than *width* pixels; an ellipsis ends the last one if not all fits."""
    clean = printable(text[: 2 * _MOST_CHARACTERS])
    words = clean[:_MOST_CHARACTERS].split()
    lines: list[str] = []
    whole = len(clean) <= _MOST_CHARACTERS and len(text) <= 2 * _MOST_CHARACTERS
    line = ""
    for word in (piece for one in words for piece in _pieces(one, face, width)):
        longer = f"{line} {word}".strip()
        if face.getlength(longer) <= width or not line:
            line = longer
        else:
            lines.append(line)
            line = word
    lines.append(line)
    if whole and len(lines) <= most_lines:
        return [one for one in lines if one]
    last = lines[:most_lines][-1]
    while last and face.getlength(f"{last}…") > width:
        last = last[:-1]
    return [*lines[: most_lines - 1], f"{last}…"]


def _pieces(word: str, face: Font, width: float) -> list[str]:
    """Cut a word that is wider than a line (a URL, a language without spaces)."""
    pieces: list[str] = []
    piece = ""
    for letter in word:
        if piece and face.getlength(piece + letter) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]
