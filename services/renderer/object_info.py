"""Reading ``/object_info``. Custom nodes describe themselves in any shape: nothing is taken for granted."""

from __future__ import annotations

from typing import Any, cast

ObjectInfo = dict[str, Any]
"""Node classes by name."""


def choices(info: ObjectInfo, class_type: str, name: str) -> list[Any] | None:
    """
    What an input is chosen from.

    Both generations of nodes are read: the older put the list where the type stands, the newer write
    ``COMBO`` there and ``options`` beside it.

    Returns:
        Nothing when the class is not there, has no such input, or it is not one of a list.
    """
    inputs = _at(info.get(class_type), "input")
    one = _at(_at(inputs, "required"), name) or _at(_at(inputs, "optional"), name)
    kind, more = (*cast("list[Any]", one), None, None)[:2] if isinstance(one, list) else (None, None)
    listed = _at(more, "options") if kind == "COMBO" else kind
    return cast("list[Any]", listed) if isinstance(listed, list) else None


def outputs(info: ObjectInfo, class_type: str) -> tuple[str, ...]:
    """Types of a class's outputs, in order; none when it is not there."""
    listed = _at(info.get(class_type), "output")
    # A choice is an output too, and then its list stands where the type would.
    return tuple(str(one) for one in cast("list[Any]", listed)) if isinstance(listed, list) else ()


def _at(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
