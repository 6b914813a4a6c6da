"""How far a render is, told from ComfyUI's events. Pure."""

from __future__ import annotations

from typing import Any, cast

from msgspec import Struct

from services.renderer.graph import Graph, title

_STEPS_MAX = 1_000_000


class Reading(Struct, frozen=True, kw_only=True):
    """Fields as in ``schemas.progress.Progress``."""

    node: str = ""
    step: int = 0
    steps: int = 0
    percent: float = 0.0

    @property
    def is_last_step(self) -> bool:
        """A node has counted to its end."""
        return 0 < self.steps == self.step


class Meter:
    """
    Adds up the nodes that are done. A node with a number of steps weighs as much as its steps, every
    other one as much as a step; the percentage never falls.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._weights = {node_id: _weight(node.inputs.get("steps")) for node_id, node in graph.items()}
        self._done: set[str] = set()
        self._node = ""
        self._reading = Reading()

    def hear(self, event: str, data: dict[str, Any]) -> Reading | None:
        """Take in an event; the new reading when it changed something."""
        match event:
            case "execution_cached":
                nodes = data.get("nodes")
                self._done |= (
                    {str(node) for node in cast("list[Any]", nodes)} if isinstance(nodes, list) else set()
                )
                return self._read()
            case "executing":
                return self._enter(data.get("node"))
            case "progress":
                return self._step(data)
            case _:
                return None

    def _enter(self, node: object) -> Reading | None:
        if not isinstance(node, str):
            return None
        if self._node:
            self._done.add(self._node)
        self._node = node
        return self._read()

    def _step(self, data: dict[str, Any]) -> Reading | None:
        node, step, steps = data.get("node"), data.get("value"), data.get("max")
        if (
            not isinstance(step, int | float)
            or not isinstance(steps, int | float)
            or not 0 <= step <= steps < _STEPS_MAX
        ):
            return None
        if isinstance(node, str) and node != self._node:
            self._enter(node)
        return self._read(int(step), int(steps))

    def _read(self, step: int = 0, steps: int = 0) -> Reading:
        done = sum(weight for node, weight in self._weights.items() if node in self._done)
        part = (
            step / steps * self._weights.get(self._node, 0) if steps and self._node not in self._done else 0
        )
        percent = 100 * min(1.0, (done + part) / (sum(self._weights.values()) or 1))
        self._reading = Reading(
            node=title(self._graph, self._node),
            step=step,
            steps=steps,
            percent=max(round(percent, 1), self._reading.percent),
        )
        return self._reading


def _weight(steps: object) -> int:
    return steps if isinstance(steps, int) and 0 < steps <= 1000 else 1
