"""How often each prompt was really worked on, and when: shows "rendered once" and "hardly ever idle"."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct


class Span(Struct, frozen=True, kw_only=True):
    """From when the worker took a prompt to when it was done with it, in monotonic seconds."""

    prompt_id: str
    began_s: float
    ended_s: float


class Runs:
    """Counters per prompt_id, since the simulator started; a simulated restart keeps them."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()  # the worker took it from the queue
        self.rendered: Counter[str] = Counter()  # an output node really ran, not served from the cache
        self.spans: list[Span] = []  # in order; the worker works on one prompt at a time
