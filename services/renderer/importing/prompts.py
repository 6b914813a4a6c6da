"""The format that ComfyUI runs: nodes by id, as Export (API) writes them and as a client posts them."""

from __future__ import annotations

from typing import Any, cast

from services.renderer.graph import Graph, GraphNode, NodeMeta
from services.renderer.importing.extent import NODES_MAX, check_node, too_many
from services.renderer.importing.reading import is_mapping
from services.renderer.importing.refusal import EXPORT, RefusedError

_WRAPPERS = ("prompt", "output")
"""Keys under which a graph lies in what a client posts and in what the editor keeps."""


def unwrapped(value: Any) -> Any:
    """What is inside when *value* only carries a graph, such as ``{"prompt": …, "client_id": …}``."""
    for key in _WRAPPERS:
        inner: Any = value.get(key) if is_mapping(value) else None
        if isinstance(inner, list):
            # In the history it is a list: number, id, graph, and what else was posted.
            inner = next((one for one in cast("list[Any]", inner) if is_mapping(one)), None)
        if is_mapping(inner) and "class_type" not in inner:
            return inner
    return value


def read_prompt(value: Any) -> Graph:
    """
    The graph in *value*.

    Raises:
        RefusedError: It is none, or what it says can't be.
    """
    nodes = value if is_mapping(value) else {}
    if not any(is_mapping(one) and "class_type" in one for one in nodes.values()):
        raise RefusedError("not-a-workflow", f"The file holds no workflow. {EXPORT}")
    if len(nodes) > NODES_MAX:
        raise too_many()
    graph = {node_id: _node(node_id, one) for node_id, one in nodes.items() if _is_meant(one)}
    problems = [
        f"Input {name!r} of node {node_id} comes from node {source[:60]}, which is not in the file. {EXPORT}"
        for node_id, node in graph.items()
        for name, source in node.links()
        if source not in graph
    ]
    if problems:
        raise RefusedError("not-a-workflow", *problems)
    return graph


def _is_meant(value: Any) -> bool:
    """Notes that other programs put beside the nodes are left out; a node that lacks its class is not one."""
    return is_mapping(value) and ("class_type" in value or "inputs" in value)


def _node(node_id: str, value: dict[str, Any]) -> GraphNode:
    class_type, inputs, meta = value.get("class_type"), value.get("inputs", {}), value.get("_meta")
    if not isinstance(class_type, str) or not class_type:
        raise RefusedError("not-a-workflow", f"Node {node_id[:60]} has no class_type that is text. {EXPORT}")
    if not is_mapping(inputs):
        raise RefusedError("not-a-workflow", f"Node {node_id[:60]} has inputs that are not by name. {EXPORT}")
    check_node(node_id, class_type, inputs)
    title = meta.get("title") if is_mapping(meta) else None
    return GraphNode(
        class_type=class_type,
        inputs={name: _link(one) for name, one in inputs.items()},
        meta=NodeMeta(title=title if isinstance(title, str) else ""),
    )


def _link(value: Any) -> Any:
    """The server takes an output's number with a decimal point too."""
    if not isinstance(value, list):
        return value
    link = cast("list[Any]", value)
    number = link[1] if len(link) == 2 and isinstance(link[0], str) else None
    return [link[0], int(number)] if isinstance(number, float) and number.is_integer() else link
