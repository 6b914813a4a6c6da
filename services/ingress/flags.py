"""The parameters a text may hold: how each is called, what it takes, how its value is read. Pure."""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from msgspec import Struct

from schemas.params import MAX_SEED, RenderParams

Kind = Literal["whole", "decimal", "size", "words"]


class Flag(Struct, frozen=True, kw_only=True):
    """
    A parameter.

    Attributes:
        shown: How a person types it.
        names: What it is called, in lower case, without dashes.
        fields: The fields of ``RenderParams`` it fills, or ``negative`` of ``Words``.
        kind: What its value looks like.
        allowed: What its value may be, to end the sentence "… has to be".
    """

    shown: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    kind: Kind
    allowed: str


class Refused(Struct, frozen=True):
    """What stood where a value was expected."""

    value: str


FLAGS = (
    Flag(
        shown="--seed",
        names=("seed",),
        fields=("seed",),
        kind="whole",
        allowed=f"a whole number from 0 to {MAX_SEED}",
    ),
    Flag(
        shown="--size",
        names=("size",),
        fields=("width_px", "height_px"),
        kind="size",
        allowed="a width and a height in pixels, like 1024x768",
    ),
    Flag(
        shown="--steps", names=("steps",), fields=("steps",), kind="whole", allowed="a whole number, like 20"
    ),
    Flag(
        shown="--cfg",
        names=("cfg",),
        fields=("cfg",),
        kind="decimal",
        allowed="a number from 0 to 1000, like 3.5",
    ),
    Flag(
        shown="--neg",
        names=("neg", "negative"),
        fields=("negative",),
        kind="words",
        allowed='words, in quotes: --neg "blurry, dark"',
    ),
    Flag(shown="-n", names=("n", "count"), fields=("count",), kind="whole", allowed="a whole number, like 4"),
)

_BY_NAME = {name: flag for flag in FLAGS for name in flag.names}
_GAP = re.compile(r"[^\S\n]*[=:]?[^\S\n]*")
_TOKEN = re.compile(r"\S+")
_WHOLE = re.compile(r"\d{1,19}")
_DECIMAL = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
# The times sign, the asterisk and the Cyrillic letter are what keyboards offer instead of an x.
_SIZE = re.compile(r"(\d{1,6})\s*[xX\u00d7*\u0445\u0425\u2715\u2716]\s*(\d{1,6})(?:\s*px)?(?=[\s,;.]|$)")
_DOUBLE_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_SINGLE_QUOTES = "'\u2018\u2019\u201a"
_TRAILING = ",;."


def known_flag(name: str) -> Flag | None:
    """The parameter of that name, in whatever case."""
    return _BY_NAME.get(name.lower())


def read_value(flag: Flag, text: str, start: int, end: int) -> tuple[dict[str, object], int] | Refused:
    """
    The value that begins in *text* at *start*.

    Args:
        flag: Whose value it is.
        text: All that follows the command.
        start: Where the flag's name ends.
        end: Where the line or the next flag begins: as far as unquoted words go.

    Returns:
        Fields and values, and where the text goes on; ``Refused`` when it is not a value for *flag*.
    """
    gap = _GAP.match(text, start, end)
    at = gap.end() if gap else start
    if flag.kind == "words":
        return _read_words(flag, text, at, end)
    if flag.kind == "size" and (match := _SIZE.match(text, at, end)):
        return _checked(flag, [int(match[1]), int(match[2])], match[0], match.end())
    token = _TOKEN.match(text, at, end)
    if token is None:
        return Refused("")
    said = token[0].rstrip(_TRAILING)
    if flag.kind == "whole" and _WHOLE.fullmatch(said):
        return _checked(flag, [int(said)], said, token.end())
    if flag.kind == "decimal" and _DECIMAL.fullmatch(said):
        return _checked(flag, [float(said.replace(",", "."))], said, token.end())
    return Refused(token[0])


def _checked(flag: Flag, values: list[float], said: str, end: int) -> tuple[dict[str, object], int] | Refused:
    found = dict(zip(flag.fields, values, strict=True))
    try:
        msgspec.convert(found, RenderParams)
    except msgspec.ValidationError:
        return Refused(said)
    return dict(found), end


def _read_words(flag: Flag, text: str, at: int, end: int) -> tuple[dict[str, object], int] | Refused:
    """Words in quotes of any kind, or without quotes up to the next flag or the end of the line."""
    opening = text[at : at + 1]
    if opening and opening in _DOUBLE_QUOTES + _SINGLE_QUOTES:
        # An apostrophe inside a word closes nothing.
        closing = f"[{_DOUBLE_QUOTES}]" if opening in _DOUBLE_QUOTES else rf"[{_SINGLE_QUOTES}](?!\w)"
        match = re.compile(closing).search(text, at + 1)
        if match is None:
            return Refused(text[at:end].strip())
        return {flag.fields[0]: text[at + 1 : match.start()].strip()}, match.end()
    words = text[at:end].strip()
    return ({flag.fields[0]: words}, end) if words else Refused("")
