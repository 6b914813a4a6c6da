"""The order in which nodes run: what outputs need, and of the ready ones the most rewarding first."""

from __future__ import annotations

from collections.abc import Callable

from .types import Prompt, is_link


class Plan:
    """
    Nodes still to run for some outputs.

    Args:
        prompt: The whole prompt.
        is_cached: True for nodes that need not run; what they need is left out.
        is_output: True for output nodes.
    """

    def __init__(
        self, prompt: Prompt, *, is_cached: Callable[[str], bool], is_output: Callable[[str], bool]
    ) -> None:
        self._prompt = prompt
        self._is_cached = is_cached
        self._is_output = is_output
        self._waits_for: dict[str, set[str]] = {}  # insertion order is the order of discovery

    def add(self, output: str) -> None:
        """Plan *output* and everything below it that is not cached."""
        found = [output]
        while found:
            node_id = found.pop()
            if node_id in self._waits_for:
                continue
            links = [value[0] for value in self._prompt[node_id]["inputs"].values() if is_link(value)]
            needed = [one for one in links if not self._is_cached(one)]
            self._waits_for[node_id] = set(needed)
            found.extend(needed)

    def __bool__(self) -> bool:
        return bool(self._waits_for)

    def next(self) -> str | None:
        """Node to run now; None when the rest waits in a circle."""
        ready = [node_id for node_id, needs in self._waits_for.items() if not needs]
        if not ready:
            return None
        for distance in range(3):
            for node_id in ready:
                if self._leads_to_output(node_id, distance):
                    return node_id
        return ready[0]

    def any_left(self) -> str:
        """Some node that waits; to be blamed for a circle."""
        return next(iter(self._waits_for))

    def done(self, node_id: str) -> None:
        """Take *node_id* off the plan and let the ones that wait for it go on."""
        del self._waits_for[node_id]
        for needs in self._waits_for.values():
            needs.discard(node_id)

    def _leads_to_output(self, node_id: str, distance: int) -> bool:
        """True when an output node lies exactly so many links further on."""
        if distance == 0:
            return self._is_output(node_id)
        waiting = [one for one, needs in self._waits_for.items() if node_id in needs]
        return any(self._leads_to_output(one, distance - 1) for one in waiting)
