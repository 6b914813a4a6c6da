"""The simulator's queue, which has the real one's ties."""

from __future__ import annotations

import pytest

from services.devstack.comfyui.engine.prompt_queue import PromptQueue
from services.devstack.comfyui.engine.types import QueueItem


def item(number: float, prompt_id: str) -> QueueItem:
    """A queue item that is like no other: equal ones would not be compared to the end."""
    return number, prompt_id, {"1": object()}, {}, [], {}


@pytest.fixture
def changes() -> list[str]:
    """One entry per change that was told."""
    return []


@pytest.fixture
def queue(changes: list[str]) -> PromptQueue:
    """An empty queue."""
    return PromptQueue(lambda: changes.append("changed"))


def test_lowest_number_first(queue: PromptQueue) -> None:
    """Items are taken by number, whatever their order in the heap."""
    for number in (3, 1, -2, 2):
        queue.put(item(number, f"p{number}"))
    taken = [queue.take() for _ in range(4)]
    assert [-2, 1, 2, 3] == [one[0][0] for one in taken if one]
    assert queue.take() is None


def test_tie_is_queued_without_telling(queue: PromptQueue, changes: list[str]) -> None:
    """A tie raises after the item is in, and before anybody is told."""
    queue.put(item(1, "a"))
    with pytest.raises(TypeError):
        queue.put(item(1, "a"))
    assert (2, ["changed"]) == (queue.remaining(), changes)


def test_same_number_is_no_tie(queue: PromptQueue) -> None:
    """The same number with another id is ordered by id."""
    queue.put(item(1, "b"))
    queue.put(item(1, "a"))
    taken = queue.take()
    assert taken is not None
    assert "a" == taken[0][1]


def test_remaining_counts_the_running(queue: PromptQueue) -> None:
    """A taken item counts until it is finished."""
    queue.put(item(1, "a"))
    taken = queue.take()
    assert taken is not None
    assert (1, 1) == (queue.remaining(), len(queue.running()))
    queue.finish(taken[1])
    assert 0 == queue.remaining()


def test_deleting_the_unknown_tells_nobody(queue: PromptQueue, changes: list[str]) -> None:
    """Only a deletion that found something is a change."""
    queue.delete("none")
    assert [] == changes
