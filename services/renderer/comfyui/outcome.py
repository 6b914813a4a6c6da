"""What became of a prompt, read from its history entry."""

from __future__ import annotations

from services.renderer.comfyui.answers import Ended


def was_interrupted(ended: Ended) -> bool:
    """Someone stopped it. ComfyUI calls that an error too; only the last message tells."""
    events = ended.events()
    return bool(events) and events[-1][0] == "execution_interrupted"


def succeeded(ended: Ended) -> bool:
    """
    It ran to its end.

    The status alone does not tell: a graph that turns out to be a circle gets that of the prompt before.
    """
    if ended.status is None:
        return True
    return ended.status.status_str == "success" and not ended.last("execution_error")


def render_s(ended: Ended) -> float | None:
    """Seconds the backend itself took, by its own clock; nothing where it keeps no times."""
    stamps = [
        data["timestamp"] for _, data in ended.events() if isinstance(data.get("timestamp"), int | float)
    ]
    return (max(stamps) - min(stamps)) / 1000 if len(stamps) > 1 else None
