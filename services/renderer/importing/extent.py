"""How large a graph may be: far beyond what people draw, and small enough to be looked through at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.renderer.importing.refusal import RefusedError

NODES_MAX = 2000
_INPUTS_MAX = 500
_NAME_CHARS_MAX = 200
_NAMED_MOST = 12


def check_node(node_id: str, class_type: str, inputs: Collection[str]) -> None:
    """
    See that one node is of an ordinary size.

    Raises:
        RefusedError: It is not.
    """
    if len(inputs) > _INPUTS_MAX:
        raise RefusedError("not-a-workflow", f"Node {node_id[:60]} has more than {_INPUTS_MAX} inputs.")
    if max(map(len, (node_id, class_type, *inputs))) > _NAME_CHARS_MAX:
        problem = f"Node {node_id[:60]} has a name of more than {_NAME_CHARS_MAX} characters."
        raise RefusedError("not-a-workflow", problem)


def too_many() -> RefusedError:
    """More nodes than ``NODES_MAX``."""
    return RefusedError("not-a-workflow", f"The file has more than {NODES_MAX} nodes.")


def listed(parts: Sequence[str], joint: str = ", ") -> str:
    """The first of *parts*, and how many more there are."""
    more = len(parts) - _NAMED_MOST
    return joint.join([*parts[:_NAMED_MOST], *([f"{more} more"] if more > 0 else [])]) or "none"


def shortened(text: str) -> str:
    """The beginning of *text*, on one line."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 60 else f"{line[:60]}…"
