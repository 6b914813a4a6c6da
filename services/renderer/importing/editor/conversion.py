"""From the editor's format to the one that ComfyUI runs, as its own Export (API) does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct, field

from services.renderer.graph import Graph, GraphNode, NodeMeta
from services.renderer.importing.classes import Classes
from services.renderer.importing.editor.canvas import BYPASS, NEVER, Canvas, Node
from services.renderer.importing.editor.fields import UnsureError, read_fields
from services.renderer.importing.editor.tracing import Level, Output, Tracer, Value
from services.renderer.importing.extent import NODES_MAX, check_node, listed, shortened, too_many
from services.renderer.importing.refusal import EXPORT, RefusedError

_CHARS_MAX = 2_000_000
_ONLY_HERE = ("Note", "MarkdownNote", "Reroute", "PrimitiveNode")
"""Nodes that the editor alone knows."""
_GROUPS = ("workflow>", "workflow/")


class Conversion(Struct, frozen=True, kw_only=True):
    """
    What came of it.

    Attributes:
        graph: Every node that ComfyUI would be given.
        doubts: By node, why its values can't be told; such a node has only its links.
        unknown: Nodes of a class that the backend has not; each is in ``doubts`` too.
        notes: What was left out, as sentences.
    """

    graph: Graph = field(default_factory=dict[str, GraphNode])
    doubts: dict[str, str] = field(default_factory=dict[str, str])
    unknown: set[str] = field(default_factory=set[str])
    notes: dict[str, str] = field(default_factory=dict[str, str])


def convert(canvas: Canvas, classes: Classes) -> Conversion:
    """
    The graph that *canvas* shows.

    Raises:
        RefusedError: It has none for sure.
    """
    made = Conversion()
    chars = 0
    for number, (level, node) in enumerate(_running(Level(canvas, canvas.sheet)), start=1):
        if number > NODES_MAX:
            raise too_many()
        chars += _chars(node.widgets_values) + _chars(node.widgets_values_named)
        if chars > _CHARS_MAX:
            raise RefusedError(
                "not-a-workflow", "Taken apart, its subgraphs hold more text than can be kept."
            )
        if node.type not in _ONLY_HERE and canvas.subgraphs.get(node.type) is None:
            _add(made, level, node, classes)
    for node in made.graph.values():
        for name, source in list(node.links()):
            if source not in made.graph:
                del node.inputs[name]  # muted, or nothing that runs
    return made


def _running(level: Level) -> Iterator[tuple[Level, Node]]:
    """Every node that is neither muted nor bypassed, subgraphs and what is in them too."""
    for node in level.sheet.nodes.values():
        if node.mode not in (NEVER, BYPASS):
            yield level, node
            inner = level.inside(node)
            if inner is not None:
                yield from _running(inner)


def _add(made: Conversion, level: Level, node: Node, classes: Classes) -> None:
    node_id = f"{level.prefix}{node.id}"
    if node.type.startswith(_GROUPS):
        problem = f"Node {node_id} is a group node, which editors no longer keep. {EXPORT}"
        raise RefusedError("not-convertible", problem)
    check_node(node_id, node.type, [socket.name for socket in node.inputs or ()])
    its = classes.get(node.type)
    inputs: dict[str, Any] = {}
    if its is None:
        made.unknown.add(node_id)
        made.doubts[node_id] = f"its class {node.type} is not on this backend"
    else:
        try:
            fields = read_fields(node, its, classes)
        except UnsureError as exc:
            made.doubts[node_id] = f"it {exc}"
        else:
            inputs |= {name: _kept(value) for name, value in fields.values.items()}
            if fields.surplus:
                left = listed([shortened(str(one)) for one in fields.surplus])
                made.notes[node_id] = f"this backend's {node.type} has no field for {left}: left out"
    for socket in node.inputs or []:
        match Tracer().source(level, socket):
            case Output(node=origin, slot=slot):
                inputs[socket.name] = [origin, slot]
            case Value(value=value):
                inputs[socket.name] = _kept(value)
            case None:
                pass
    title = node.title or (its.title if its else node.type)
    made.graph[node_id] = GraphNode(class_type=node.type, inputs=inputs, meta=NodeMeta(title=title))


def _chars(values: list[Any] | dict[str, Any] | None) -> int:
    """Length of the texts; a subgraph's count as often as it is used."""
    held = values.values() if isinstance(values, dict) else values or ()
    return sum(len(one) for one in held if isinstance(one, str))


def _kept(value: Any) -> Any:
    """A list would be taken for a link; that is how ComfyUI writes one that is not."""
    return {"__value__": cast("list[Any]", value)} if isinstance(value, list) else value
