"""
Which files are Darkroom's, told by their names. Pure.

The renderer has ComfyUI save under ``darkroom-<prompt id>``, and names inputs by their content,
``darkroom-<SHA-256>.<ending>``. Nothing else is ever touched, but for what a prompt's own history says
that it made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from msgspec import Struct

_STEM = re.compile(r"darkroom-(?P<prompt>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z-])")
# ComfyUI numbers a name that is taken by other bytes: "… (1).png".
INPUT = r"darkroom-(?P<digest>[0-9a-f]{64})(?: \([0-9]{1,4}\))?\.(?:png|jpg|webp)"
_INPUT = re.compile(INPUT)
_DIGEST = re.compile(rb"darkroom-([0-9a-f]{64})")
_MADE_IN = frozenset({"output", "temp"})


class Made(Struct, frozen=True, kw_only=True):
    """A file that a prompt made, as its history names it. Not to be used as a path: compare with it."""

    type: str
    subfolder: str
    filename: str


def prompt_of(filename: str) -> str | None:
    """The prompt that made a file of this name; nothing for a name that is not one of ours."""
    found = _STEM.match(filename)
    return found["prompt"] if found else None


def digest_of(filename: str) -> str | None:
    """The content that an input of this name has; nothing for a name that is not one of ours."""
    found = _INPUT.fullmatch(filename)
    return found["digest"] if found else None


def digests_in(text: bytes) -> frozenset[str]:
    """Inputs that *text*, prompts as JSON, refers to; wherever and however they are named there."""
    return frozenset(digest.decode() for digest in _DIGEST.findall(text))


def made_in_history(entry: object) -> frozenset[Made]:
    """What a prompt's history *entry* says that it saved, whatever lists it stands in."""
    outputs = _dict(_dict(entry).get("outputs"))
    items = (item for node in outputs.values() for listed in _dict(node).values() for item in _list(listed))
    return frozenset(_made(items))


def began_at(entry: object) -> float | None:
    """When the prompt of a history *entry* began, in seconds since 1970; nothing if that was not kept."""
    for message in _list(_dict(_dict(entry).get("status")).get("messages")):
        match message:
            case ["execution_start", {"timestamp": int() | float() as at}]:
                return at / 1000
            case _:
                continue
    return None


def _made(items: Iterable[object]) -> Iterable[Made]:
    for item in items:
        match item:
            case {"filename": str(filename)} if filename:
                kind, subfolder = _dict(item).get("type", "output"), _dict(item).get("subfolder", "")
                if kind in _MADE_IN and isinstance(subfolder, str):
                    yield Made(
                        type=kind, subfolder=subfolder.replace("\\", "/").strip("/"), filename=filename
                    )
            case _:
                continue


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
