"""The editor's own format: what a person sees on the canvas, with ids as strings."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from msgspec import Struct

from services.renderer.importing.reading import is_mapping
from services.renderer.importing.refusal import EXPORT, RefusedError

NEVER, BYPASS = 2, 4
"""Modes of a node: muted, and passing on what comes in."""
INSIDE = "-10"
"""Where links inside a subgraph come from that come in from outside."""
OUTSIDE = "-20"
"""Where those end that go out of it."""

Id = int | str


class Socket(Struct, frozen=True, kw_only=True):
    """An input or output of a node; ``widget`` is set where a field is behind it."""

    name: str = ""
    type: Any = "*"
    link: Id | None = None
    widget: Any = None


class Node(Struct, frozen=True, kw_only=True):
    """
    One node.

    Attributes:
        type: Its class, or the id of the subgraph that it stands for.
        widgets_values: What is in its fields: in their order, or by name.
        widgets_values_named: The same by name, from editors that say so.
    """

    id: Id
    type: str
    mode: float = 0
    title: str | None = None
    inputs: list[Socket] | None = None
    outputs: list[Socket] | None = None
    widgets_values: list[Any] | dict[str, Any] | None = None
    widgets_values_named: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None

    def socket(self, name: str) -> Socket | None:
        """Its input of that name."""
        return next((one for one in self.inputs or [] if one.name == name), None)


class Link(Struct, frozen=True, kw_only=True):
    """From an output, by number, to an input."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


class Port(Struct, frozen=True, kw_only=True):
    """An input or output of a subgraph, as it is seen from inside."""

    name: str = ""
    type: Any = "*"


class _Sheet(Struct, frozen=True, kw_only=True):
    nodes: list[Node]
    links: list[Any] = []


class _SubgraphSheet(_Sheet, frozen=True, kw_only=True):
    id: str
    name: str = ""
    inputs: list[Port] = []


class _Definitions(Struct, frozen=True, kw_only=True):
    subgraphs: list[_SubgraphSheet] = []


class _File(_Sheet, frozen=True, kw_only=True):
    definitions: _Definitions | None = None


class Sheet(Struct, frozen=True, kw_only=True):
    """
    Nodes and the links between them, by id.

    Attributes:
        name: Of the subgraph; empty on the canvas itself.
        inputs: What a subgraph takes.
        shown: Those of them, by name, that its node has a field for: they lead to one inside.
    """

    name: str
    nodes: dict[str, Node]
    links: dict[str, Link]
    inputs: list[Port]
    shown: list[str]


class Canvas(Struct, frozen=True, kw_only=True):
    """A file: the canvas, and the subgraphs that nodes on it may stand for."""

    sheet: Sheet
    subgraphs: dict[str, Sheet]


def is_canvas(value: object) -> bool:
    """Whether *value* is the editor's format rather than the one that ComfyUI runs."""
    return is_mapping(value) and isinstance(value.get("nodes"), list)


def read_canvas(value: dict[str, Any]) -> Canvas:
    """
    The canvas in *value*.

    Raises:
        RefusedError: It is not as the editor writes it.
    """
    try:
        file = msgspec.convert(value, _File)
        subgraphs = [] if file.definitions is None else file.definitions.subgraphs
        return Canvas(
            sheet=_sheet(file, "", []),
            subgraphs={one.id: _sheet(one, one.name or one.id, one.inputs) for one in subgraphs},
        )
    except (msgspec.ValidationError, ValueError) as exc:
        problem = f"The file is not as ComfyUI's editor writes it ({exc}). {EXPORT}"
        raise RefusedError("not-a-workflow", problem) from exc


def _sheet(raw: _Sheet, name: str, inputs: list[Port]) -> Sheet:
    nodes = {str(node.id): node for node in raw.nodes}
    links = dict(_link(one) for one in raw.links if one is not None)
    lead_in = [link for link in links.values() if link.origin == INSIDE]
    numbers = {link.origin_slot for link in lead_in if _is_field(nodes.get(link.target), link.target_slot)}
    shown = [port.name for number, port in enumerate(inputs) if number in numbers]
    return Sheet(name=name, nodes=nodes, links=links, inputs=inputs, shown=shown)


def _is_field(node: Node | None, slot: int) -> bool:
    inputs = [] if node is None else node.inputs or []
    return 0 <= slot < len(inputs) and inputs[slot].widget is not None


def _link(raw: object) -> tuple[str, Link]:
    """On the canvas a link is a list, in a subgraph a mapping."""
    if is_mapping(raw):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        parts = [raw.get(key) for key in keys]
    else:
        parts = cast("list[Any]", raw)[:5] if isinstance(raw, list) else []
    link_id, origin, origin_slot, target, target_slot = msgspec.convert(parts, tuple[Id, Id, int, Id, int])
    return str(link_id), Link(
        origin=str(origin), origin_slot=origin_slot, target=str(target), target_slot=target_slot
    )
