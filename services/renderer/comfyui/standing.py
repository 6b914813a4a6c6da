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
        running: Ids of what runs, this prompt or another.
        copies: How often it is in the queue; ComfyUI takes one id twice.
        ended: What the history holds of it.
    """

    state: Literal["absent", "pending", "running", "ended"]
    ahead: int = 0
    running: tuple[str, ...] = ()
    copies: int = 0
    ended: Ended | None = None

    @property
    def busy(self) -> bool:
        """Something runs."""
        return bool(self.running)


def in_queue(queue: Queue, prompt_id: str) -> Standing | None:
    """Where *prompt_id* stands in *queue*; nothing when it is not in it."""
    running = _running(queue)
    mine = [item for item in queue.queue_running if _is(item, prompt_id)]
    pending = [item for item in queue.queue_pending if _is(item, prompt_id)]
    copies = len(mine) + len(pending)
    if mine:
        return Standing(state="running", running=running, copies=copies)
    if pending:
        # Pending prompts are listed in heap order; the number says which runs first.
        number = min(map(_number, pending))
        ahead = len(queue.queue_running) + sum(_number(item) < number for item in queue.queue_pending)
        return Standing(state="pending", ahead=ahead, running=running, copies=copies)
    return None


def in_history(ended: Ended | None, queue: Queue) -> Standing:
    """Where a prompt stands that was not in *queue*, by what the history holds of it."""
    return Standing(state="absent" if ended is None else "ended", running=_running(queue), ended=ended)


def _running(queue: Queue) -> tuple[str, ...]:
    return tuple(str(item[1]) if len(item) > 1 else "" for item in queue.queue_running)


def _is(item: list[object], prompt_id: str) -> bool:
    return len(item) > 1 and item[1] == prompt_id


def _number(item: list[object]) -> float:
    return item[0] if isinstance(item[0], int | float) else 0.0
