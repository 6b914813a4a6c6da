"""Where a prompt stands, from /queue and /history."""

from __future__ import annotations

from typing import Any

import msgspec

from services.renderer.comfyui.answers import Ended, Queue, read
from services.renderer.comfyui.standing import Standing, in_history, in_queue


def queue(running: list[Any], pending: list[Any]) -> Queue:
    """As it comes over the wire; items are a number and an id."""
    items = {
        name: [[number, prompt_id, {}, {}, []] for number, prompt_id in listed]
        for name, listed in (("queue_running", running), ("queue_pending", pending))
    }
    return read(msgspec.json.encode(items), Queue)


def test_running() -> None:
    """It is at work on it."""
    assert Standing(state="running", running=("a",), copies=1) == in_queue(queue([(0, "a")], []), "a")


def test_pending_counts_by_number_not_by_place() -> None:
    """The list is a heap: what runs first is told by the numbers, and what runs now is before it all."""
    seen = in_queue(queue([(0, "x")], [(1, "b"), (5, "a"), (2, "c"), (9, "d")]), "a")

    assert Standing(state="pending", ahead=3, running=("x",), copies=1) == seen


def test_copies_are_counted() -> None:
    """ComfyUI takes one id twice."""
    seen = in_queue(queue([(0, "a")], [(1, "a")]), "a")

    assert ("running", 2) == (seen.state, seen.copies) if seen else None


def test_in_neither() -> None:
    """Not in the queue, and the history is empty."""
    others = queue([(0, "x")], [])
    assert in_queue(others, "a") is None
    assert Standing(state="absent", running=("x",)) == in_history(None, others)
    assert in_history(None, others).busy


def test_ended() -> None:
    """The history holds it."""
    entry = Ended()

    assert Standing(state="ended", ended=entry) == in_history(entry, queue([], []))


def test_items_of_another_shape() -> None:
    """They are nobody's."""
    odd = read(b'{"queue_running": [[], [1], ["x", "a"]], "queue_pending": [[null, "b"]]}', Queue)

    assert "running" == getattr(in_queue(odd, "a"), "state", "")
    assert "pending" == getattr(in_queue(odd, "b"), "state", "")
