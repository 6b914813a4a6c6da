"""Shapes that the queue, the worker and the routes share. JSON from outside stays `Any` until validated."""

from __future__ import annotations

from typing import Any, TypeAlias

Prompt: TypeAlias = dict[str, Any]  # API format: node id -> {"class_type", "inputs"}

# number, prompt_id, prompt, extra_data, outputs to run, credentials. A plain tuple on purpose: ComfyUI's
# queue is a heap of these, and comparing two of the same number and id compares dicts: TypeError.
QueueItem: TypeAlias = tuple[float, str, Prompt, dict[str, Any], list[str], dict[str, Any]]

# One event as the history keeps it: its name and its data.
Message: TypeAlias = tuple[str, dict[str, Any]]


def public(item: QueueItem) -> list[Any]:
    """What /queue and /history show of an item: all but the credentials."""
    return list(item[:5])


def is_link(value: Any) -> bool:
    """True for [node id, output slot], which is how an input names another node's output."""
    return (
        isinstance(value, list)
        and len(value) == 2  # pyright: ignore[reportUnknownArgumentType]  # its length needs no item type
        and isinstance(value[0], str)
        and isinstance(value[1], (int, float))
    )
