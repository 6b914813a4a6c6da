"""Progress of the running prompt: the state of each node, told whole at every change."""

from __future__ import annotations

from typing import Any

from services.devstack.comfyui.hub import Hub


class Progress:
    """`progress_state` of one execution. Nodes that have not started are left out."""

    def __init__(self, hub: Hub, prompt_id: str) -> None:
        self._hub = hub
        self._prompt_id = prompt_id
        self._nodes: dict[str, dict[str, Any]] = {}

    def start(self, node_id: str) -> None:
        """A node begins."""
        self._tell(node_id, "running", 0.0, 1.0)

    def step(self, node_id: str, step: int, steps: int) -> None:
        """A node has done *step* of *steps*."""
        self._tell(node_id, "running", step, steps)

    def finish(self, node_id: str) -> None:
        """A node is done, or its cached result was used."""
        whole = self._nodes.get(node_id, {"max": 1})["max"]
        self._tell(node_id, "finished", whole, whole)

    def _tell(self, node_id: str, state: str, value: float, whole: float) -> None:
        self._nodes[node_id] = {
            "value": value,
            "max": whole,
            "state": state,
            "node_id": node_id,
            "prompt_id": self._prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        nodes = {key: dict(value) for key, value in self._nodes.items()}
        self._hub.to_audience("progress_state", {"prompt_id": self._prompt_id, "nodes": nodes})
