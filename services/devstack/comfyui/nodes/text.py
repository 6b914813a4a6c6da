"""PreviewAny: shows any value as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .inputs import link
from .job import NodeJob
from .spec import Node, NodeResult


async def _show(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(shown={"text": [_as_text(given.get("source"))]})


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (bool, int, float)):
        return str(value)
    try:
        return json.dumps(value, indent=4)
    except TypeError:
        return str(value)


TEXT = (
    Node(
        name="PreviewAny",
        display_name="Preview as Text",
        category="utils",
        module="comfy_extras.nodes_preview_any",
        run=_show,
        is_output=True,
        inputs=(link("source", "*"),),
    ),
)
