"""Where seed, size, steps, guidance and count go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.renderer.definition import Slot
from services.renderer.importing.finding import Found, agreed
from services.renderer.importing.wiring import Wiring
from services.renderer.importing.words import conditioned

_SEEDS = ("seed", "noise_seed")
_PIXELS = frozenset({"LATENT", "IMAGE", "VIDEO", "MASK", "*"})
"""What one stage of sampling hands to the next."""
_TAKES_PIXELS = frozenset({"IMAGE", "LATENT", "MASK", "CONDITIONING"})
_STAGED = ("start_at_step", "end_at_step")
_SPLITTERS = ("SplitSigmas", "SplitSigmasDenoise")


def find_seed(wiring: Wiring) -> Found:
    """
    The seeds that a result begins with.

    A later stage works on what an earlier one made. It keeps its own seed: the same noise twice on one
    picture shows.
    """
    seeds = [slot for node_id in wiring.graph for slot in _seeds(wiring, node_id)]
    first = _first_stages(wiring)
    ends = [slot for slot in seeds if _where_noise_goes(wiring, slot.node) & first]
    slots = dict.fromkeys(place for slot in ends if (place := wiring.first_written(slot)) is not None)
    later = len(seeds) - len(ends)
    note = f"Seeds of later stages ({later}) stay as they are." if later else ""
    if not slots and conditioned(wiring):
        note = "No seed is written in it: asked twice, it makes the same."
    return Found(slots=tuple(slots), ends=tuple(ends), note=note)


def _first_stages(wiring: Wiring) -> set[str]:
    """Nodes that make a picture out of noise and of nothing that was made so before."""
    noisy = [node_id for node_id in wiring.graph if _seeds(wiring, node_id)]
    stages = {stage for node_id in noisy for stage in _where_noise_goes(wiring, node_id)}
    later: set[str] = set()
    for node_id in wiring.ordered():
        before = {source.node for slot, source in wiring.sources(node_id) if wiring.kind(slot) in _PIXELS}
        if before & (stages | later):
            later.add(node_id)
    return stages - later


def _seeds(wiring: Wiring, node_id: str) -> list[Slot]:
    slots = wiring.slots(node_id)
    adds_noise = next((one for one in slots if one.input == "add_noise"), None)
    if adds_noise is not None and wiring.value(adds_noise) in ("disable", False):
        return []
    return [one for one in slots if one.input.rpartition(".")[2] in _SEEDS and wiring.kind(one) == "INT"]


def _where_noise_goes(wiring: Wiring, node_id: str) -> set[str]:
    """The node itself, or those that it only gives its noise to."""
    its = wiring.node_class(node_id)
    if its is None or "NOISE" not in its.outputs:
        return {node_id}
    return set(wiring.takers[node_id]) or {node_id}


def find_steps(wiring: Wiring) -> Found:
    """How many steps, where one number says it."""
    ends = [
        slot
        for node_id in wiring.graph
        for slot in wiring.slots(node_id)
        if slot.input == "steps" and wiring.kind(slot) == "INT" and _samples(wiring, node_id)
    ]
    if any(_is_staged(wiring, node_id) for node_id in wiring.graph):
        return Found(note="steps stays as it is: the steps are divided among several samplers.")
    found = agreed(wiring, ends, "steps")
    if found.slots:
        return found
    # Where stages differ, those count that a result begins with.
    first = set(wiring.upstream(_first_stages(wiring), frozenset({"SIGMAS"})))
    of_first = agreed(wiring, [one for one in ends if one.node in first], "steps")
    return of_first if of_first.slots else found


def _samples(wiring: Wiring, node_id: str) -> bool:
    its = wiring.node_class(node_id)
    gives_plan = its is not None and "SIGMAS" in its.outputs
    return gives_plan or any(one.input in (*_SEEDS, "cfg") for one in wiring.slots(node_id))


def _is_staged(wiring: Wiring, node_id: str) -> bool:
    node = wiring.graph[node_id]
    if node.class_type in _SPLITTERS:
        return True
    if not all(name in node.inputs for name in (*_STAGED, "steps")):
        return False
    start, end, steps = (_whole(wiring, Slot(node=node_id, input=name)) for name in (*_STAGED, "steps"))
    return start is None or end is None or steps is None or start > 0 or end < steps


def _whole(wiring: Wiring, slot: Slot) -> int | None:
    place = wiring.first_written(slot)
    value = None if place is None else wiring.value(place)
    return value if isinstance(value, int) else None


def find_cfg(wiring: Wiring, conditioners: tuple[str, ...]) -> Found:
    """
    The guidance: of the samplers, or where that is switched off (1) of the model itself.

    Args:
        wiring: The graph.
        conditioners: Nodes between the prompt and the samplers.
    """
    outer = agreed(wiring, _of_samplers(wiring), "cfg")
    inner = agreed(wiring, _called(wiring, conditioners, "guidance"), "cfg")
    is_off = all(wiring.value(slot) == 1 for slot in outer.slots)
    return inner if inner.slots and is_off and not outer.note else outer


def is_unguided(wiring: Wiring, bound: tuple[Slot, ...]) -> bool:
    """Whether every sampler's guidance is switched off, and none of it among *bound*."""
    places = [wiring.first_written(slot) for slot in _of_samplers(wiring)]
    off = [place is not None and place not in bound and wiring.value(place) == 1 for place in places]
    return bool(off) and all(off)


def _of_samplers(wiring: Wiring) -> list[Slot]:
    return _called(wiring, dict.fromkeys(slot.node for slot, _ in conditioned(wiring)), "cfg")


def _called(wiring: Wiring, node_ids: Iterable[str], name: str) -> list[Slot]:
    slots = [slot for node_id in node_ids for slot in wiring.slots(node_id) if slot.input == name]
    return [slot for slot in slots if wiring.kind(slot) in ("FLOAT", "INT")]


def find_size(wiring: Wiring) -> tuple[Found, Found]:
    """Width and height of what is painted on, and of all that has to be told them too."""
    blank = [node_id for node_id in wiring.graph if _is_blank(wiring, node_id)]
    found = [
        agreed(wiring, [Slot(node=node_id, input=name) for node_id in blank], f"{name}_px")
        for name in ("width", "height")
    ]
    width, height = found
    if not (width.slots and height.slots):
        return width, height
    size = wiring.value(width.slots[0]), wiring.value(height.slots[0])
    told = [node_id for node_id in wiring.graph if node_id not in blank and _is_told(wiring, node_id, size)]
    return _with(wiring, width, told, "width"), _with(wiring, height, told, "height")


def _is_blank(wiring: Wiring, node_id: str) -> bool:
    """It makes an empty picture of a given size, rather than changing the size of one."""
    its = wiring.node_class(node_id)
    given = wiring.graph[node_id].inputs
    if its is None or "width" not in given or "height" not in given:
        return False
    takes = {one.type for one in its.inputs}
    if "LATENT" in its.outputs:
        return "LATENT" not in takes
    return "IMAGE" in its.outputs and takes <= {"INT", "FLOAT", "BOOLEAN", "STRING", "COMBO"}


def _is_told(wiring: Wiring, node_id: str, size: tuple[Any, Any]) -> bool:
    its = wiring.node_class(node_id)
    given = wiring.graph[node_id].inputs
    if its is None or (given.get("width"), given.get("height")) != size:
        return False
    return not _TAKES_PIXELS & {one.type for one in its.inputs}


def _with(wiring: Wiring, found: Found, told: list[str], name: str) -> Found:
    value = wiring.value(found.slots[0])
    more = [
        Slot(node=node_id, input=one)
        for node_id in told
        for one in (name, f"target_{name}")
        if wiring.graph[node_id].inputs.get(one) == value
    ]
    slots = tuple(dict.fromkeys((*found.slots, *more)))
    return Found(slots=slots, ends=(*found.ends, *more))


def find_count(wiring: Wiring) -> Found:
    """How many at once."""
    blank = [node_id for node_id in wiring.graph if _is_blank(wiring, node_id)]
    ends = [slot for node_id in blank for slot in wiring.slots(node_id) if slot.input == "batch_size"]
    return agreed(wiring, ends, "count")
