"""What the operator has named, found in the graph."""

from __future__ import annotations

from collections.abc import Iterable

from services.renderer.definition import Slot
from services.renderer.importing.extent import listed, shortened
from services.renderer.importing.finding import described
from services.renderer.importing.refusal import RefusedError
from services.renderer.importing.wiring import Wiring


def chosen_nodes(wiring: Wiring, names: Iterable[str]) -> list[str]:
    """
    Ids of the nodes that *names* mean: ids, or titles.

    Raises:
        RefusedError: A node is not there, or several are called that; says what there is.
    """
    return list(dict.fromkeys(_node(wiring, name) for name in names))


def chosen_slot(wiring: Wiring, name: str) -> Slot:
    """
    The input that *name* means, a node's id or title and an input with a dot between.

    Raises:
        RefusedError: It is not there; says what there is.
    """
    parts = name.split(".")
    # Either side may have dots of its own; the longest node that is there is meant.
    for at in range(len(parts) - 1, 0, -1):
        node, one = ".".join(parts[:at]), ".".join(parts[at:])
        if _ids(wiring, node):
            node_id = _node(wiring, node)
            if one in wiring.graph[node_id].inputs:
                return Slot(node=node_id, input=one)
            has = listed(list(wiring.graph[node_id].inputs))
            raise RefusedError("bad-choice", f"{wiring.title(node_id)} has no input {one!r}. It has: {has}.")
    node = name.rpartition(".")[0]
    if not node:
        raise RefusedError(
            "bad-choice", f"{shortened(name)!r} names no input. Write it as NODE.INPUT, such as 3.seed."
        )
    raise _not_there(wiring, node)


def check_slot(wiring: Wiring, parameter: str, slot: Slot) -> None:
    """
    See that *slot* can hold *parameter*.

    Raises:
        RefusedError: It is of another type, or filled by another node.
    """
    wanted = ("STRING",) if parameter in ("prompt", "negative") else ("INT", "FLOAT")
    source = wiring.source(slot)
    if source is not None:
        problem = (
            f"{described(wiring, slot)} is filled by {wiring.title(source.node)}; name an input of that."
        )
        raise RefusedError("bad-choice", problem)
    if wiring.kind(slot) not in (*wanted, "*"):
        problem = f"{parameter} can't go to {described(wiring, slot)}, which takes {wiring.kind(slot)}."
        raise RefusedError("bad-choice", problem)


def _node(wiring: Wiring, name: str) -> str:
    ids = _ids(wiring, name)
    if not ids:
        raise _not_there(wiring, name)
    if len(ids) > 1:
        problem = f"Several nodes are called {shortened(name)!r}. Name one by its id: {listed(ids)}."
        raise RefusedError("bad-choice", problem)
    return ids[0]


def _ids(wiring: Wiring, name: str) -> list[str]:
    if name in wiring.graph:
        return [name]
    wanted = name.strip().casefold()
    return [one for one in wiring.graph if wanted and wiring.name(one).casefold() == wanted]


def _not_there(wiring: Wiring, name: str) -> RefusedError:
    there = listed([wiring.title(one) for one in wiring.graph])
    problem = f"No node that leads to an output is called {shortened(name)!r}. There are: {there}."
    return RefusedError("bad-choice", problem)
