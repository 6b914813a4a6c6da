"""What a backend lacks for a workflow, told from its ``/object_info``."""

from __future__ import annotations

from typing import Any, cast

from schemas.catalogue import Lack
from services.renderer.definition import Definition

ObjectInfo = dict[str, Any]
"""Node classes by name. Custom nodes describe themselves in any shape, so nothing is taken for granted."""


def lacks(definition: Definition, object_info: ObjectInfo) -> tuple[Lack, ...]:
    """Node classes and model files that *definition* needs and the backend has not, each named once."""
    found: list[Lack] = []
    for node in definition.prompt.values():
        if node.class_type not in object_info:
            found.append(Lack(what="node", name=node.class_type))
            continue
        for name, value in node.inputs.items():
            choices = _choices(object_info[node.class_type], name)
            found += [
                Lack(what="model", name=model.name, folder=model.folder)
                for model in definition.recipe.models
                if value == model.name and choices is not None and value not in choices
            ]
    return tuple(dict.fromkeys(found))


def _choices(described: object, name: str) -> list[Any] | None:
    """Choices of an input, in either generation's form; nothing when it is not one of a list."""
    inputs = _at(described, "input")
    one = _at(_at(inputs, "required"), name) or _at(_at(inputs, "optional"), name)
    kind, more = (*cast("list[Any]", one), None, None)[:2] if isinstance(one, list) else (None, None)
    choices = _at(more, "options") if kind == "COMBO" else kind
    return cast("list[Any]", choices) if isinstance(choices, list) else None


def _at(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
