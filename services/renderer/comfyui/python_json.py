"""
JSON as ComfyUI writes it, which is Python's: not all of it is JSON. Pure.

``NaN`` and ``Infinity`` stand for what a node was given when it failed, for what a custom node shows, and for
bounds that custom nodes declare; half of a surrogate pair in /object_info for a file whose name is no UTF-8.
"""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def decode(body: bytes | str, kind: type[T]) -> T:
    """
    What *body* says. Numbers that JSON has no word for are nothing, halves of characters are question marks.

    Raises:
        msgspec.MsgspecError: It is not of that shape, or nested deeper than anybody means.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(_plain(body), type=kind)


def _plain(body: bytes | str) -> bytes:
    """*body* as others write JSON. That takes several times as long as reading it: only for what needs it."""
    try:
        value = json.loads(body, parse_constant=_nothing)
        return json.dumps(value, ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError) as exc:
        raise msgspec.DecodeError(str(exc)) from exc


def _nothing(_: str) -> None:
    return None
