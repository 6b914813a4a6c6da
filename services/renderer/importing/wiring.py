"""A graph together with the classes of its nodes: what is linked to what, and where a value is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from msgspec import Struct

from services.renderer.definition import Slot
from services.renderer.graph import Graph, GraphNode
from services.renderer.importing.classes import Classes, Input, NodeClass
from services.renderer.importing.extent import shortened

_SWITCH = "ComfySwitchNode"
_NUMBERS = ("INT", "FLOAT")


class Source(Struct, frozen=True, kw_only=True):
    """What a link comes from: an output of a node."""

    node: str
    slot: int


class Wiring:
    """
    Answers about a graph. Classes that the backend has not are judged by what the graph shows of them.

    Args:
        graph: Without circles, and without links to nodes that are not there.
        classes: The backend's.
    """

    def __init__(self, graph: Graph, classes: Classes) -> None:
        self.graph = graph
        self.classes = classes
        self._sources = {node_id: dict(_sources(node)) for node_id, node in graph.items()}

    def node_class(self, node_id: str) -> NodeClass | None:
        """The node's class, if the backend has it."""
        return self.classes.get(self.graph[node_id].class_type)

    def spec(self, slot: Slot) -> Input | None:
        """How the class describes that input, if it does."""
        its = self.node_class(slot.node)
        return None if its is None else its.input(slot.input)

    def kind(self, slot: Slot) -> str:
        """Type of an input: of the class, or else of what fills it."""
        spec = self.spec(slot)
        if spec is not None and spec.type not in ("*", "COMFY_MATCHTYPE_V3"):
            return spec.type
        source = self.source(slot)
        return _kind_of(self.value(slot)) if source is None else self.output_kind(source)

    def output_kind(self, source: Source) -> str:
        """Type of an output, ``*`` where nothing is known of it."""
        its = self.node_class(source.node)
        return its.outputs[source.slot] if its and 0 <= source.slot < len(its.outputs) else "*"

    def value(self, slot: Slot) -> Any:
        """What is written in that input, or the link that fills it."""
        return self.graph[slot.node].inputs.get(slot.input)

    def source(self, slot: Slot) -> Source | None:
        """What fills that input from elsewhere."""
        return self._sources[slot.node].get(slot.input)

    def slots(self, node_id: str) -> list[Slot]:
        """Inputs of a node that something fills, in the order in which its class lists them."""
        its = self.node_class(node_id)
        order = [] if its is None else [one.name for one in its.inputs]
        given = self.graph[node_id].inputs
        names = [*(name for name in order if name in given), *(name for name in given if name not in order)]
        return [Slot(node=node_id, input=name) for name in names]

    def sources(self, node_id: str) -> Iterator[tuple[Slot, Source]]:
        """Inputs of a node that other nodes fill, in order."""
        for slot in self.slots(node_id):
            source = self.source(slot)
            if source is not None:
                yield slot, source

    @cached_property
    def takers(self) -> dict[str, dict[str, None]]:
        """By node, those that take what it gives."""
        found: dict[str, dict[str, None]] = {node_id: {} for node_id in self.graph}
        for node_id, sources in self._sources.items():
            for source in sources.values():
                found[source.node][node_id] = None
        return found

    def ordered(self) -> list[str]:
        """Every node, behind all that it depends on."""
        depends = {
            node_id: [source.node for source in its.values()] for node_id, its in self._sources.items()
        }
        return list(TopologicalSorter(depends).static_order())

    def upstream(self, node_ids: Iterable[str], passing: frozenset[str] | None = None) -> list[str]:
        """
        The nodes themselves and all they depend on, nearest first, in the order of the classes' inputs.

        Args:
            node_ids: Where to begin.
            passing: Types of the links that count; all of them when not given.
        """
        found: dict[str, None] = {}
        todo = list(reversed(list(node_ids)))
        while todo:
            node_id = todo.pop()
            if node_id not in found:
                found[node_id] = None
                onward = [
                    source.node
                    for slot, source in self.sources(node_id)
                    if passing is None or self.kind(slot) in passing
                ]
                todo += reversed(onward)
        return list(found)

    def written(self, slot: Slot) -> list[Slot]:
        """
        Where the value of *slot* is written: there, or upstream of it.

        A number passes only through nodes that hand it on as it is; a text through any that take text,
        so it may be written in several places. Nothing when it is worked out.
        """
        found: dict[Slot, None] = {}
        todo, seen = [slot], {slot}
        while todo:
            at = todo.pop()
            source = self.source(at)
            if source is None:
                found[at] = None
                continue
            ahead = [one for one in self._behind(source, self.kind(at)) if one not in seen]
            seen |= set(ahead)
            todo += reversed(ahead)
        return list(found)

    def _behind(self, source: Source, kind: str) -> list[Slot]:
        """Inputs of a node whose value, of that *kind*, it hands on."""
        slots = self.slots(source.node)
        if self.graph[source.node].class_type == _SWITCH:
            way = next((one for one in slots if one.input == "switch"), None)
            chosen = None if way is None else self.first_written(way)
            branch = "on_true" if chosen is not None and self.value(chosen) is True else "on_false"
            return [one for one in slots if one.input == branch]
        its = self.node_class(source.node)
        called = its.output_names[source.slot : source.slot + 1] if its and source.slot >= 0 else ()
        same = [one for one in slots if one.input in called and self.kind(one) == kind]
        if same or kind not in _NUMBERS:
            return same or [one for one in slots if self.kind(one) == kind]
        return slots if len(slots) == 1 and self.kind(slots[0]) in _NUMBERS else []

    def first_written(self, slot: Slot) -> Slot | None:
        """Where the value of *slot* is written, if that is one place."""
        places = self.written(slot)
        return places[0] if len(places) == 1 else None

    def name(self, node_id: str) -> str:
        """What a person calls a node."""
        its = self.node_class(node_id)
        node = self.graph[node_id]
        return node.meta.title or (its.title if its else node.class_type)

    def title(self, node_id: str) -> str:
        """The same with its id, as it stands in a sentence."""
        return f"“{shortened(self.name(node_id))}” ({node_id})"


def cut(wiring: Wiring, node_ids: Iterable[str]) -> Wiring:
    """Only what *node_ids* depend on."""
    kept = set(wiring.upstream(node_ids))
    graph = {node_id: node for node_id, node in wiring.graph.items() if node_id in kept}
    return Wiring(graph, wiring.classes)


def circle(graph: Graph) -> list[str]:
    """Nodes that depend on each other in a circle, if there are such."""
    try:
        TopologicalSorter(
            {one: [source for _, source in its.links()] for one, its in graph.items()}
        ).prepare()
    except CycleError as exc:
        return list(dict.fromkeys(exc.args[1]))
    return []


def _sources(node: GraphNode) -> Iterator[tuple[str, Source]]:
    for name, source in node.links():
        yield name, Source(node=source, slot=node.inputs[name][1])


def _kind_of(value: Any) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return "INT"
        case float():
            return "FLOAT"
        case str():
            return "STRING"
        case _:
            return "*"
