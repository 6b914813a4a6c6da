"""Where a prompt stands, told from /queue and /history: the only truth there is."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from services.renderer.comfyui.answers import Ended, Queue


class Standing(Struct, frozen=True, kw_only=True):
    """
    One look at a prompt.

    Attributes:
        state: ``absent`` in one look proves nothing: a request may be on its way still.
        ahead: Prompts that run before it, when pending.
        busy: Something runs, this prompt or another.
        copies: How often it is in the queue; ComfyUI takes one id twice.
        ended: What the history holds of it.
    """

    state: Literal["absent", "pending", "running", "ended"]
    ahead: int = 0
    busy: bool = False
    copies: int = 0
    ended: Ended | None = None


def in_queue(queue: Queue, prompt_id: str) -> Standing | None:
    """Where *prompt_id* stands in *queue*; nothing when it is not in it."""
    running = [item for item in queue.queue_running if _is(item, prompt_id)]
    pending = [item for item in queue.queue_pending if _is(item, prompt_id)]
    copies = len(running) + len(pending)
    busy = bool(queue.queue_running)
    if running:
        return Standing(state="running", busy=True, copies=copies)
    if pending:
        # Pending prompts are listed in heap order; the number says which runs first.
        number = min(map(_number, pending))
        ahead = len(queue.queue_running) + sum(_number(item) < number for item in queue.queue_pending)
        return Standing(state="pending", ahead=ahead, busy=busy, copies=copies)
    return None


def in_history(history: dict[str, Ended], prompt_id: str, *, busy: bool) -> Standing:
    """Where *prompt_id* stands when it is not in the queue."""
    ended = history.get(prompt_id)
    if ended is None:
        return Standing(state="absent", busy=busy)
    return Standing(state="ended", busy=busy, ended=ended)


def _is(item: list[object], prompt_id: str) -> bool:
    return len(item) > 1 and item[1] == prompt_id


def _number(item: list[object]) -> float:
    return item[0] if isinstance(item[0], int | float) else 0.0
