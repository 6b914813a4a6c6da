"""What the backend would say of a graph before it runs it, as far as its ``/object_info`` tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.renderer.definition import Slot
from services.renderer.importing.classes import COMBO, Input, is_file, is_number, limits
from services.renderer.importing.finding import described, shown
from services.renderer.importing.wiring import Wiring

_OFFERS_SHOWN = 8


def refusals(wiring: Wiring) -> Iterator[str]:
    """What no backend with these classes would run, as sentences."""
    for node_id, node in wiring.graph.items():
        its = wiring.node_class(node_id)
        for one in its.inputs if its else ():
            given = any(name == one.name or name.startswith(f"{one.name}.") for name in node.inputs)
            if one.required and not given:
                yield f"Input {one.name} of {wiring.title(node_id)} is empty, and the node needs it."
        for slot, source in wiring.sources(node_id):
            from_class = wiring.node_class(source.node)
            if from_class is not None and not 0 <= source.slot < len(from_class.outputs):
                yield (
                    f"{described(wiring, slot)} comes from output {source.slot} of "
                    f"{wiring.title(source.node)}, which has {len(from_class.outputs)}."
                )


def doubts(wiring: Wiring, filled: set[Slot]) -> Iterator[str]:
    """
    What this backend may refuse, as sentences; a node may check its own inputs in another way.

    Args:
        wiring: The graph.
        filled: Inputs that are filled for every render: what is in them now does not matter.
    """
    for node_id in wiring.graph:
        for slot in wiring.slots(node_id):
            spec = wiring.spec(slot)
            value = wiring.value(slot)
            if spec is None or slot in filled or wiring.source(slot) is not None:
                continue
            if spec.type == COMBO and spec.options and not is_file(value) and value not in spec.options:
                offers = ", ".join(str(one) for one in spec.options[:_OFFERS_SHOWN])
                yield f"{described(wiring, slot)} is {shown(wiring, slot)}; this backend offers {offers}."
            elif spec.type in ("INT", "FLOAT") and not _in_range(value, spec):
                yield f"{described(wiring, slot)} is {shown(wiring, slot)}, which this backend does not take."


def _in_range(value: Any, one: Input) -> bool:
    least, most = limits(one)
    return is_number(value) and least <= value <= most
