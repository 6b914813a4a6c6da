"""
ComfyUI's official templates, read as the graphs that its front end would submit.

They are in UI format: widgets by position instead of by name, links by number, subgraphs. Read is what
the five templates use; anything else fails loudly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from services.devstack.comfyui.nodes.library import CORE
from services.renderer.definition import Model
from services.renderer.graph import Graph, GraphNode, NodeMeta

_WIDGETS = {"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"}
_SAID = {"MarkdownNote", "Note"}
_INPUTS, _OUTPUTS = -10, -20  # the two ends of a subgraph, among its nodes

Json = dict[str, Any]


class Scope:
    """The whole file, or one use of a subgraph in it."""

    def __init__(
        self, template: Template, drawing: Json, prefix: str = "", outer: Scope | None = None
    ) -> None:
        self._template = template
        self._prefix = prefix
        self._outer = outer
        self._ends: list[str] = [one["name"] for one in drawing.get("inputs", [])]
        self._links = {link["id"]: link for link in map(_link, drawing["links"])}
        self._nodes: dict[int, Json] = {
            node["id"]: node for node in drawing["nodes"] if node["type"] not in _SAID
        }
        assert all(node.get("mode", 0) == 0 for node in self._nodes.values()), "a node is switched off"
        self._inner = {
            node_id: Scope(template, template.subgraphs[node["type"]], f"{prefix}{node_id}:", self)
            for node_id, node in self._nodes.items()
            if node["type"] in template.subgraphs
        }

    def nodes(self) -> Iterator[tuple[str, GraphNode]]:
        """Every node that renders, by its id in the whole."""
        for node_id, node in self._nodes.items():
            if node_id in self._inner:
                yield from self._inner[node_id].nodes()
            elif not _is_arithmetic(node["type"]):
                title = NodeMeta(title=node.get("title", ""))
                yield (
                    f"{self._prefix}{node_id}",
                    GraphNode(class_type=node["type"], inputs=self._inputs(node), meta=title),
                )

    def _inputs(self, node: Json) -> Json:
        widgets = node.get("widgets_values") or ()
        # Newer nodes have widgets that ComfyUI 0.8 does not know by name.
        names = [
            *_widget_names(node["type"]),
            *(f"unnamed widget {number}" for number, _ in enumerate(widgets, start=1)),
        ]
        values = dict(zip(names, widgets, strict=False))
        for one in node.get("inputs", []):
            found = self._given(one)
            if found is not None:
                values[one["name"]] = found
        return values

    def _given(self, one: Json) -> Any:
        """What fills an input: a value or a link; nothing when it is left to its widget."""
        if one.get("link") is None:
            return None
        link = self._links[one["link"]]
        return self._from(link["origin_id"], link["origin_slot"])

    def _from(self, node_id: int, slot: int) -> Any:
        if node_id == _INPUTS:
            assert self._outer is not None
            return self._outer._end(int(self._prefix.split(":")[-2]), self._ends[slot])
        if node_id in self._inner:
            return self._inner[node_id]._leaving(slot)
        node = self._nodes[node_id]
        return self._computed(node) if _is_arithmetic(node["type"]) else [f"{self._prefix}{node_id}", slot]

    def _end(self, node_id: int, name: str) -> Any:
        return next((self._given(one) for one in self._nodes[node_id]["inputs"] if one["name"] == name), None)

    def _leaving(self, slot: int) -> Any:
        ends = (link for link in self._links.values() if link["target_id"] == _OUTPUTS)
        link = next(link for link in ends if link["target_slot"] == slot)
        return self._from(link["origin_id"], link["origin_slot"])

    def _computed(self, node: Json) -> Any:
        """The value of a node that only hands on what others, or it itself, hold."""
        given = {one["name"]: self._given(one) for one in node.get("inputs", [])}
        match node["type"]:
            case "ComfySwitchNode":
                return given["on_true" if given["switch"] else "on_false"]
            case "ComfyMathExpression":
                names = {name.removeprefix("values."): value for name, value in given.items()}
                return eval(node["widgets_values"][0], {"__builtins__": {}, "floor": math.floor}, names)
            case _:
                turned = self._template.turned.get(node.get("title", ""))
                return node["widgets_values"][0] if turned is None else turned


class Template:
    """One file of the package. *turned* sets its switches, by their titles, against what it has them at."""

    def __init__(self, name: str, turned: Mapping[str, bool]) -> None:
        text = (
            resources.files("comfyui_workflow_templates_json").joinpath(f"templates/{name}.json").read_text()
        )
        self._drawing: Json = json.loads(text)
        self.turned = turned
        self.subgraphs = {one["id"]: one for one in self._drawing.get("definitions", {}).get("subgraphs", [])}

    def graph(self) -> Graph:
        """As it would be submitted."""
        return dict(Scope(self, self._drawing).nodes())

    def models(self) -> set[Model]:
        """The files it tells people to fetch, where they go and where they are from."""
        nodes = [node for one in (self._drawing, *self.subgraphs.values()) for node in one["nodes"]]
        return {
            Model(
                folder=model["directory"],
                name=model["name"],
                repository="/".join(model["url"].split("/")[3:5]),
            )
            for node in nodes
            for model in node.get("properties", {}).get("models", [])
        }


def _link(link: Any) -> Json:
    """Links are lists in the whole and objects in a subgraph."""
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    return link if isinstance(link, dict) else dict(zip(names, link, strict=True))


def _widget_names(class_type: str) -> list[str]:
    """Names of a node's widgets in the order in which the file has their values; none of a class unknown."""
    node = next((node for node in CORE if node.name == class_type), None)
    names: list[str] = []
    for one in node.inputs if node else ():
        if one.type in _WIDGETS:
            names.append(one.name)
            names += [name for name in ("control_after_generate", "image_upload") if one.meta.get(name)]
    return names


def _is_arithmetic(class_type: str) -> bool:
    return class_type.startswith(("Primitive", "ComfySwitch", "ComfyMath"))
