"""How often each prompt was really worked on, for tests that must show "rendered once"."""

from __future__ import annotations

from collections import Counter


class Runs:
    """Counters per prompt_id, since the simulator started; a simulated restart keeps them."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()  # the worker took it from the queue
        self.rendered: Counter[str] = Counter()  # an output node really ran, not served from the cache
