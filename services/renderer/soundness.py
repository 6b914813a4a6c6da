"""What is wrong with a workflow, in words for whoever wrote it; found at start, not at the first render."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from services.renderer.definition import NUMBERS, Definition, Slot, fits


def flaws(definition: Definition) -> list[str]:
    """Everything that is wrong with *definition*, as sentences; empty when it is sound."""
    return [
        *_loose_links(definition),
        *_bad_bindings(definition),
        *_bad_bounds(definition),
        *_bad_models(definition),
        *_bad_pictures(definition),
        *_bad_placement(definition),
        *_bad_outputs(definition),
    ]


def _loose_links(definition: Definition) -> Iterator[str]:
    for node_id, node in definition.prompt.items():
        for name, source in node.links():
            if source not in definition.prompt:
                yield f"input {name!r} of node {node_id!r} comes from {source!r}, which is not there"


def _bad_bindings(definition: Definition) -> Iterator[str]:
    bind = definition.recipe.bind
    for parameter in bind.__struct_fields__:
        for slot in bind.of(parameter):
            yield from _bad_slot(definition, parameter, slot)


def _bad_slot(definition: Definition, what: str, slot: Slot) -> Iterator[str]:
    node = definition.prompt.get(slot.node)
    if node is None:
        yield f"{what!r} is bound to node {slot.node!r}, which is not there"
    elif slot.input not in node.inputs:
        yield f"{what!r} is bound to input {slot.input!r}, which node {slot.node!r} has not"


def _bad_bounds(definition: Definition) -> Iterator[str]:
    bind, bounds = definition.recipe.bind, definition.recipe.bounds
    for parameter in NUMBERS:
        if bool(bind.of(parameter)) != (parameter in bounds):
            yield f"{parameter!r} needs both a binding and bounds, or neither"
    for parameter, its in bounds.items():
        if parameter not in NUMBERS:
            yield f"bounds of {parameter!r}: known are {', '.join(NUMBERS)}"
        elif its.multiple_of <= 0 or not fits(parameter, its, its.default):
            yield f"bounds of {parameter!r}: the default does not fit them"


def _bad_models(definition: Definition) -> Iterator[str]:
    values = [value for node in definition.prompt.values() for value in node.inputs.values()]
    for model in definition.recipe.models:
        if model.name not in values:
            yield f"no node loads the model {model.name!r}"


def _bad_pictures(definition: Definition) -> Iterator[str]:
    kind, pictures = definition.recipe.kind, definition.recipe.pictures
    needs_one = any(not picture.optional for picture in pictures)
    if kind == "edit" and not needs_one:
        yield "an edit needs at least one picture"
    if kind == "image" and needs_one:
        yield "a picture that is made out of pictures is of kind 'edit'"
    if any(first.optional and not second.optional for first, second in pairwise(pictures)):
        yield "optional pictures come last"
    for number, picture in enumerate(pictures, start=1):
        yield from _bad_slot(definition, f"picture {number}", Slot(node=picture.node, input=picture.input))
        if picture.optional and picture.node not in picture.drop:
            yield f"picture {number} is optional but does not drop its node {picture.node!r}"
        for node_id in picture.drop:
            if node_id not in definition.prompt:
                yield f"picture {number} drops node {node_id!r}, which is not there"
            if node_id in definition.recipe.outputs:
                yield f"picture {number} is optional but drops the output {node_id!r}"


def _bad_placement(definition: Definition) -> Iterator[str]:
    placement = definition.recipe.placement
    if isinstance(placement, str):
        return
    known = {*definition.prompt, *(node.class_type for node in definition.prompt.values())}
    for key in placement:
        if key not in known:
            yield f"placement of {key!r}, which is neither a node nor a node's class"


def _bad_outputs(definition: Definition) -> Iterator[str]:
    if not definition.recipe.outputs:
        yield "no outputs are named"
    for node_id in definition.recipe.outputs:
        if node_id not in definition.prompt:
            yield f"output {node_id!r} is not there"
