"""
What a node's fields hold, by the name of the input that each belongs to.

The editor writes the values of a node in the order in which it shows the fields, without their names.
That order follows from the class: its inputs as ``/object_info`` lists them, with a field more behind a
seed (what becomes of it after a run) and behind a choice of files (the button that uploads one). Newer
editors write the names beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from services.renderer.importing.classes import (
    COMBO,
    DYNAMIC,
    WIDGETS,
    Classes,
    Input,
    NodeClass,
    choice_inputs,
    choice_keys,
    is_file,
    is_number,
)
from services.renderer.importing.editor.canvas import Node

_SEEDS = ("seed", "noise_seed")
_BUTTONS = {
    "image_upload": 1,
    "video_upload": 1,
    "animated_image_upload": 1,
    "file_upload": 1,
    "audio_upload": 2,
}
"""Fields that an upload adds: its button, and for a sound a player."""
_NO_FIELD = ("COMFY_MATCHTYPE_V3", "COMFY_AUTOGROW_V3", "*")

Take = Callable[[str], Any]
"""The value of a field, by its name; of a nameless one for an empty name."""


class UnsureError(Exception):
    """Which value belongs to which input can't be told; the text says why, as part of a sentence."""


class Fields(Struct, frozen=True, kw_only=True):
    """
    What a node's fields hold.

    Attributes:
        values: By input; a field that the file says nothing of has what the editor would show in it.
        surplus: Values that no field of this backend takes: the file comes from a newer ComfyUI. New
            fields are put last there, or else no older file could be opened.
    """

    values: dict[str, Any]
    surplus: tuple[Any, ...] = ()


def read_fields(node: Node, its: NodeClass, classes: Classes) -> Fields:
    """
    Values by input.

    Raises:
        UnsureError: They do not fit the class.
    """
    listed = node.widgets_values if isinstance(node.widgets_values, list) else []
    named = node.widgets_values if isinstance(node.widgets_values, dict) else node.widgets_values_named
    if named is not None:
        if listed and len(listed) == len(named) and listed != list(named.values()):
            raise UnsureError("has one value in its list of fields and another beside that field's name")
        return Fields(values=_fitting(_fields(node, its, classes, named.get), strict=False))
    values = iter(_without_forced(its, listed))
    taken = list(_fields(node, its, classes, lambda _: next(values, None)))
    surplus = tuple(one for one in values if one not in (None, "", "image"))
    return Fields(values=_fitting(taken, strict=bool(surplus)), surplus=surplus)


def has_field(one: Input, node: Node, classes: Classes) -> bool:
    """Whether the editor shows a field for an input, rather than only a socket."""
    if one.type in WIDGETS:
        return not one.is_forced
    if one.type in _NO_FIELD or one.type in classes.linked_types or "," in one.type:
        return False
    # A type that no node hands on is a field of its own kind, unless the file has it as a socket.
    socket = node.socket(one.name)
    return socket is None or socket.widget is not None


def _fields(node: Node, its: NodeClass, classes: Classes, take: Take) -> Iterator[tuple[Input, Any]]:
    for required in (True, False):
        group = [one for one in its.inputs if one.required == required]
        buttons = 0
        while group:
            one = group.pop(0)
            if has_field(one, node, classes):
                value = take(one.name)
                for _ in range(_companions(one)):
                    take("")
                buttons += sum(count for key, count in _BUTTONS.items() if one.meta.get(key))
                group = [*choice_inputs(one, value), *group]
                yield one, value
        for _ in range(buttons):
            take("")


def _companions(one: Input) -> int:
    asked = one.meta.get("control_after_generate")
    if asked is None:
        asked = one.type == "INT" and one.name in _SEEDS
    # A choice that changes by itself has a field for what to choose among as well.
    return (2 if one.type == COMBO else 1) if asked else 0


def _without_forced(its: NodeClass, values: list[Any]) -> list[Any]:
    """An input that has no field today had one once: then its value is still there."""
    widgets = [one for one in its.inputs if one.type in WIDGETS]
    forced = [flag for one in widgets for flag in (one.is_forced, *[False] * _companions(one))]
    if not any(forced) or len(forced) != len(values):
        return values
    return [value for value, is_forced in zip(values, forced, strict=True) if not is_forced]


def _fitting(fields: Iterable[tuple[Input, Any]], *, strict: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one, value in fields:
        given = _shown(one) if value is None else value
        if given is None:
            continue
        if not _fits(one, given) or (strict and not _is_offered(one, given)):
            raise UnsureError(f"has {repr(given)[:40]} where its {one.name!r} would be")
        found[one.name] = given
    return found


def _shown(one: Input) -> Any:
    """What the editor shows in a field at first; nothing where that depends on the files there are."""
    if "default" in one.meta or one.type not in (COMBO, DYNAMIC):
        return one.meta.get("default")
    keys = choice_keys(one)
    return keys[0] if keys and not is_file(keys[0]) else None


def _fits(one: Input, value: Any) -> bool:
    match one.type:
        case "INT":
            return is_number(value) and value == int(value)
        case "FLOAT":
            return is_number(value)
        case "STRING":
            return isinstance(value, str)
        case "BOOLEAN":
            return isinstance(value, bool)
        case _:
            return True


def _is_offered(one: Input, value: Any) -> bool:
    """Whether a choice is among those there are; of files there are others elsewhere."""
    keys = choice_keys(one)
    return one.type not in (COMBO, DYNAMIC) or not keys or value in keys or is_file(value)
