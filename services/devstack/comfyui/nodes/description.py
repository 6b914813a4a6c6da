"""`/object_info`: how a node describes itself, in the form of its own generation of ComfyUI's node API."""

from __future__ import annotations

from typing import Any

from services.devstack.comfyui.installation import Installation

from .spec import Input, Node, typed

_HIDDEN_TYPES = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def describe(node: Node, here: Installation) -> dict[str, Any]:
    """One value of `/object_info`. Lists of files are read now."""
    inputs = _inputs(node, here)
    facts: dict[str, Any] = {
        "input": inputs,
        "input_order": {group: list(members) for group, members in inputs.items()},
        "output": list(node.outputs),
        "output_is_list": [False] * len(node.outputs),
        "output_name": list(node.output_names or node.outputs),
        "name": node.name,
        "display_name": node.display_name or (None if node.modern else node.name),
        "description": node.description,
        "python_module": node.module,
        "category": node.category,
        "output_node": node.is_output,
    }
    if node.modern:
        return facts | {
            "output_tooltips": [None] * len(node.outputs),
            "output_matchtypes": None,
            "deprecated": node.deprecated,
            "experimental": node.experimental,
            "api_node": False,
        }
    return facts | ({"deprecated": True} if node.deprecated else {})


def _inputs(node: Node, here: Installation) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {"required": {}, "optional": {}, "hidden": {}}
    for one in node.inputs:
        groups["required" if one.required else "optional"][one.name] = _config(one, node, here)
    for name in node.hidden:
        kind = _HIDDEN_TYPES[name]
        groups["hidden"][name] = [kind] if node.modern else kind
    return {group: members for group, members in groups.items() if members}


def _config(one: Input, node: Node, here: Installation) -> list[Any]:
    kind, extra = typed(one, node, here)
    return [kind, extra] if extra or node.modern else [kind]
