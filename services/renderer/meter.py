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
            case "progress_state":
                return self._states(data.get("nodes"))
            case _:
                return None

    def _enter(self, node: object) -> Reading | None:
        if not isinstance(node, str):
            return None
        if self._node not in {"", node}:  # newer servers have named it before, in its state
            self._done.add(self._node)
        self._node = node
        return self._read()

    def _step(self, data: dict[str, Any]) -> Reading | None:
        node, counted = data.get("node"), _counted(data.get("value"), data.get("max"))
        if counted is None:
            return None
        if isinstance(node, str) and node != self._node:
            self._enter(node)
        return self._read(*counted)

    def _states(self, nodes: object) -> Reading | None:
        """Newer servers tell all nodes' states at every change, also of nodes that run side by side."""
        states = cast("dict[str, Any]", nodes) if isinstance(nodes, dict) else {}
        running: tuple[str, object, object] | None = None
        for node_id, state in states.items():
            told = cast("dict[str, Any]", state) if isinstance(state, dict) else {}
            if told.get("state") == "finished":
                self._done.add(node_id)
            elif told.get("state") == "running" and node_id in self._graph:
                running = node_id, told.get("value"), told.get("max")
        if running is None:
            return None
        self._node, step, steps = running
        # Of a node that does not count the server says that it has done 0 of 1.
        counted = _counted(step, steps) if steps != 1 else None
        return self._read(*counted) if counted else self._read()

    def _read(self, step: int = 0, steps: int = 0) -> Reading | None:
        done = sum(weight for node, weight in self._weights.items() if node in self._done)
        part = (
            step / steps * self._weights.get(self._node, 0) if steps and self._node not in self._done else 0
        )
        percent = 100 * min(1.0, (done + part) / (sum(self._weights.values()) or 1))
        before = self._reading
        self._reading = Reading(
            node=title(self._graph, self._node),
            step=step,
            steps=steps,
            percent=max(round(percent, 1), before.percent),
        )
        return self._reading if self._reading != before else None


def _counted(step: object, steps: object) -> tuple[int, int] | None:
    """Step of steps, if that is what they are."""
    if not isinstance(step, int | float) or not isinstance(steps, int | float):
        return None
    return (int(step), int(steps)) if 0 <= step <= steps < _STEPS_MAX else None


def _weight(steps: object) -> int:
    return steps if isinstance(steps, int) and 0 < steps <= 1000 else 1
