"""Parameters into a graph that ComfyUI runs. Pure: equal arguments give equal graphs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from schemas.params import RenderParams
from services.common.errors import RejectedError
from services.renderer.definition import NUMBERS, Definition, Slot, fits
from services.renderer.graph import Graph


class UnfitError(RejectedError):
    """The workflow can't be filled with what was asked."""

    code = "bad-parameters"


class Wishes(Struct, frozen=True, kw_only=True):
    """
    What goes into a graph.

    Attributes:
        prompt: The person's words.
        negative: What the picture must not show; unused where the workflow has no place for it.
        params: With a seed where one is bound. What else is ``None`` stays as the workflow has it.
        pictures: Names of uploaded files, in order.
        file_stem: Start of the names of the files that ComfyUI saves.
    """

    prompt: str
    negative: str
    params: RenderParams
    pictures: tuple[str, ...]
    file_stem: str


def filled(definition: Definition, wishes: Wishes) -> Graph:
    """
    The graph of *definition* that renders *wishes*.

    Raises:
        UnfitError: No seed where one is bound, a number out of bounds, or the wrong number of pictures.
    """
    recipe = definition.recipe
    if recipe.bind.seed and wishes.params.seed is None:
        # Without one ComfyUI would serve the picture of the seed in the file, out of its cache.
        raise UnfitError("the attempt has no seed")
    graph = _without(definition.prompt, _unused_nodes(definition, len(wishes.pictures)))
    _fill(graph, recipe.bind.prompt, wishes.prompt)
    _fill(graph, recipe.bind.seed, wishes.params.seed)
    if wishes.negative:
        _fill(graph, recipe.bind.negative, wishes.negative)
    for parameter in NUMBERS:
        value = _number(definition, parameter, wishes.params)
        if value is not None:
            _fill(graph, recipe.bind.of(parameter), value)
    for slot, name in zip(recipe.pictures, wishes.pictures, strict=False):
        _fill(graph, [Slot(node=slot.node, input=slot.input)], name)
    for node_id in recipe.outputs:
        if "filename_prefix" in graph[node_id].inputs:
            _fill(graph, [Slot(node=node_id, input="filename_prefix")], wishes.file_stem)
    return graph


def _number(definition: Definition, parameter: str, params: RenderParams) -> float | int | None:
    asked: float | None = getattr(params, parameter)
    bounds = definition.recipe.bounds.get(parameter)
    if bounds is None:
        return None
    value = bounds.default if asked is None else asked
    if not fits(parameter, bounds, value):
        raise UnfitError(f"{parameter} is out of bounds")
    return float(value) if parameter == "cfg" else int(value)


def _unused_nodes(definition: Definition, given: int) -> set[str]:
    pictures = definition.recipe.pictures
    least = sum(not picture.optional for picture in pictures)
    if not least <= given <= len(pictures):
        raise UnfitError(f"{definition.name} takes {least} to {len(pictures)} pictures, not {given}")
    return {node_id for picture in pictures[given:] for node_id in picture.drop}


def _without(graph: Graph, dropped: set[str]) -> Graph:
    """A copy of *graph*, free to be changed, without *dropped* and the links to them."""
    kept: Graph = {}
    for node_id, node in graph.items():
        if node_id not in dropped:
            loose = {name for name, source in node.links() if source in dropped}
            inputs = {name: value for name, value in node.inputs.items() if name not in loose}
            kept[node_id] = replace(node, inputs=inputs)
    return kept


def _fill(graph: Graph, slots: Iterable[Slot], value: Any) -> None:
    for slot in slots:
        if slot.node in graph:
            graph[slot.node].inputs[slot.input] = value
