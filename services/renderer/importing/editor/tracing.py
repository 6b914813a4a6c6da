"""Where a socket's value comes from, through all that only the editor has: subgraphs, reroutes, bypasses."""

from __future__ import annotations

from typing import Any, cast

from msgspec import Struct

from services.renderer.importing.editor.canvas import (
    BYPASS,
    INSIDE,
    OUTSIDE,
    Canvas,
    Link,
    Node,
    Sheet,
    Socket,
)
from services.renderer.importing.refusal import EXPORT, RefusedError

NESTED_MAX = 16


class Output(Struct, frozen=True, kw_only=True):
    """An output of a node that ComfyUI runs, by the id that it gets in the API format."""

    node: str
    slot: int


class Value(Struct, frozen=True, kw_only=True):
    """What is in a field elsewhere."""

    value: Any


class Level:
    """
    The canvas, or one use of a subgraph.

    Args:
        canvas: The whole file.
        sheet: What is on this level.
        outer: The level on which the subgraph is used; nothing on the canvas itself.
        instance: The node there that stands for it.
    """

    def __init__(
        self, canvas: Canvas, sheet: Sheet, outer: Level | None = None, instance: Node | None = None
    ) -> None:
        self.canvas = canvas
        self.sheet = sheet
        self.outer = outer
        self.instance = instance
        self.prefix: str = f"{outer.prefix}{instance.id}:" if outer and instance else ""

    def inside(self, node: Node) -> Level | None:
        """
        The level within *node*; nothing when it is an ordinary one.

        Raises:
            RefusedError: A subgraph holds itself.
        """
        sheet = self.canvas.subgraphs.get(node.type)
        if sheet is None:
            return None
        if self.prefix.count(":") >= NESTED_MAX:
            problem = f"Subgraphs lie in each other deeper than {NESTED_MAX} levels. {EXPORT}"
            raise RefusedError("not-convertible", problem)
        return Level(self.canvas, sheet, self, node)


class Tracer:
    """Follows one input upstream. Each step is a link, and no link is followed twice."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, int]] = set()

    def source(self, level: Level, socket: Socket) -> Output | Value | None:
        """
        What fills *socket*; nothing when it is left to its own field, or empty.

        Raises:
            RefusedError: It goes in a circle.
        """
        wanted = socket.type
        while True:
            link = None if socket.link is None else level.sheet.links.get(str(socket.link))
            if link is None:
                return None
            self._once(level, socket)
            ahead = self._beyond(level, link, wanted)
            if not isinstance(ahead, tuple):
                return ahead
            level, socket = ahead

    def _beyond(self, level: Level, link: Link, wanted: Any) -> tuple[Level, Socket] | Output | Value | None:
        """What is at the other end of *link*: the source, or a socket from which to go on."""
        while True:
            if link.origin == INSIDE:
                return _from_outside(level, link.origin_slot)
            node = level.sheet.nodes.get(link.origin)
            if node is None:
                return None
            inputs = node.inputs or []
            if node.mode == BYPASS:
                passed = _passed_on(inputs, link.origin_slot, wanted)
                return None if passed is None else (level, passed)
            if node.type == "Reroute":
                return (level, inputs[0]) if inputs else None
            if node.type == "PrimitiveNode":
                values = node.widgets_values
                return Value(value=values[0]) if isinstance(values, list) and values else None
            inner = level.inside(node)
            if inner is None:
                return Output(node=f"{level.prefix}{node.id}", slot=link.origin_slot)
            out = _out_of(inner.sheet, link.origin_slot)
            if out is None:
                return None
            level, link = inner, out

    def _once(self, level: Level, socket: Socket) -> None:
        step = (level.prefix, id(socket))
        if step in self._seen:
            raise RefusedError("not-a-workflow", "Its links go in a circle, so nothing can ever be rendered.")
        self._seen.add(step)


def _from_outside(level: Level, number: int) -> tuple[Level, Socket] | Value | None:
    """What comes into a subgraph by its input *number*: from a link, or out of the field that it shows."""
    if level.outer is None or level.instance is None or not 0 <= number < len(level.sheet.inputs):
        return None
    # A node may leave out sockets that have nothing to say, so the name tells which is which.
    name = level.sheet.inputs[number].name
    socket = level.instance.socket(name)
    if socket is not None and socket.link is not None:
        return level.outer, socket
    return _shown(level.instance, level.sheet, name)


def _shown(instance: Node, sheet: Sheet, name: str) -> Value | None:
    """
    What a subgraph's node has in the field that stands for its input *name*; nothing when it says nothing.

    Three generations of the editor: the newest write values by name, or for every input with a field in
    order; in between, ``proxyWidgets`` says which fields there are, and a field of an inner node
    (not ``-1``) keeps its value there.
    """
    if instance.widgets_values_named is not None:
        value = instance.widgets_values_named.get(name)
        return None if value is None else Value(value=value)
    values = instance.widgets_values if isinstance(instance.widgets_values, list) else []
    proxies = (instance.properties or {}).get("proxyWidgets")
    fields = cast("list[Any]", proxies) if isinstance(proxies, list) else []
    keys: list[Any] = fields or [["-1", one] for one in sheet.shown]
    for key, value in zip(keys, values, strict=False):
        if key == ["-1", name] and value is not None:
            return Value(value=value)
    return None


def _out_of(sheet: Sheet, number: int) -> Link | None:
    """The link inside that gives a subgraph's output *number*."""
    ends = (link for link in sheet.links.values() if link.target == OUTSIDE and link.target_slot == number)
    return next(ends, None)


def _passed_on(inputs: list[Socket], slot: int, wanted: Any) -> Socket | None:
    """The input that a bypassed node hands on at an output: of its type, at best of its number as well."""
    if wanted in ("*", "", 0):
        return inputs[slot] if 0 <= slot < len(inputs) else next(iter(inputs), None)
    if 0 <= slot < len(inputs) and inputs[slot].type == wanted:
        return inputs[slot]
    return next((one for one in inputs if one.type == wanted), None)
