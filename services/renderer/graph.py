"""ComfyUI's API format: nodes by id, whose inputs are values or links to other nodes' outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct, field


class NodeMeta(Struct, frozen=True, kw_only=True):
    """What a node is called; ComfyUI itself ignores it."""

    title: str = ""


class GraphNode(Struct, frozen=True, kw_only=True):
    """One node. A link is a list of a node id and the number of one of its outputs."""

    class_type: str
    inputs: dict[str, Any]
    meta: NodeMeta = field(default=NodeMeta(), name="_meta")

    def links(self) -> Iterator[tuple[str, str]]:
        """Inputs that other nodes fill: the input's name and the other node's id."""
        for name, value in self.inputs.items():
            if isinstance(value, list):
                link = cast("list[Any]", value)
                if len(link) == 2 and isinstance(link[0], str) and isinstance(link[1], int):
                    yield name, link[0]


Graph = dict[str, GraphNode]


def title(graph: Graph, node_id: str) -> str:
    """What a person calls a node."""
    node = graph.get(node_id)
    return "" if node is None else node.meta.title or node.class_type
