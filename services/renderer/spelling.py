r"""File names as a backend lists them: ComfyUI on Windows writes ``sub\file``, elsewhere ``sub/file``."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from services.renderer.graph import Graph
from services.renderer.object_info import ObjectInfo, choices


def among(listed: list[Any], name: str) -> str | None:
    """*name* as it stands in *listed*, whichever way its slashes lean; nothing when it does not."""
    if name in listed:
        return name
    return next((one for one in listed if isinstance(one, str) and _slashed(one) == _slashed(name)), None)


def spelled(graph: Graph, info: ObjectInfo) -> Graph:
    """*graph* with every file in a subfolder called what the backend calls it: it takes no other spelling."""
    return {
        node_id: replace(
            node,
            inputs={name: _value(info, node.class_type, name, value) for name, value in node.inputs.items()},
        )
        for node_id, node in graph.items()
    }


def _value(info: ObjectInfo, class_type: str, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    listed = choices(info, class_type, name)
    return value if listed is None else among(listed, value) or value


def _slashed(name: str) -> str:
    return name.replace("\\", "/")
