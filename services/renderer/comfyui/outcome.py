"""What became of a prompt, read from its history entry."""

from __future__ import annotations

from typing import Any, cast

from msgspec import Struct

from services.renderer.comfyui.answers import Ended
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError
from services.renderer.graph import title

FILES_MAX = 64
"""More than any workflow makes; a history that claims more is not believed."""


class OutputFile(Struct, frozen=True, kw_only=True):
    """A file as /view names it."""

    filename: str
    subfolder: str = ""
    type: str = "output"


def was_interrupted(ended: Ended) -> bool:
    """Someone stopped it. ComfyUI calls that an error too; only the last message tells."""
    return _last_event(ended) == "execution_interrupted"


def succeeded(ended: Ended) -> bool:
    """It ran to its end."""
    return ended.status is None or ended.status.status_str == "success"


def files(ended: Ended, definition: Definition) -> list[OutputFile]:
    """
    The files a successful prompt saved, in the order of the workflow's outputs.

    Videos stand under ``images`` too, so every list of files is taken, whatever it is called.

    Raises:
        AttemptFailedError: It saved none (``no-output``).
    """
    found = [
        file
        for node_id in definition.recipe.outputs
        for items in ended.outputs.get(node_id, {}).values()
        for file in _files(items)
    ]
    if not found:
        raise AttemptFailedError("no-output", retryable=True)
    return found[:FILES_MAX]


def failure(ended: Ended, definition: Definition) -> AttemptFailedError:
    """Why an unsuccessful prompt failed, without the paths and tensors of ComfyUI's own words."""
    data = _error_data(ended)
    kind, message = str(data.get("exception_type", "")), str(data.get("exception_message", ""))
    if "OutOfMemory" in kind or "out of memory" in message.lower():
        return AttemptFailedError("out-of-memory", retryable=True)
    node_id = str(data.get("node_id", ""))
    if node_id in {picture.node for picture in definition.recipe.pictures}:
        return AttemptFailedError("bad-input-image", retryable=False)
    # Both are ours: the title from the workflow's file, the class from its graph.
    node = definition.prompt.get(node_id)
    details = {"node": title(definition.prompt, node_id), "class": node.class_type} if node else {}
    return AttemptFailedError("node-failed", retryable=True, details=details)


def render_s(ended: Ended) -> float | None:
    """Seconds the backend itself took, by its own clock; nothing where it keeps no times."""
    stamps = [
        data["timestamp"] for _, data in _events(ended) if isinstance(data.get("timestamp"), int | float)
    ]
    return (max(stamps) - min(stamps)) / 1000 if len(stamps) > 1 else None


def _files(items: object) -> list[OutputFile]:
    listed = cast("list[object]", items) if isinstance(items, list) else []
    dicts = [cast("dict[str, object]", item) for item in listed if isinstance(item, dict)]
    return [
        OutputFile(
            filename=str(item["filename"]),
            subfolder=str(item.get("subfolder", "")),
            type=str(item.get("type", "output")),
        )
        for item in dicts
        if "filename" in item
    ]


def _events(ended: Ended) -> list[tuple[str, dict[str, Any]]]:
    return ended.status.events() if ended.status else []


def _last_event(ended: Ended) -> str:
    events = _events(ended)
    return events[-1][0] if events else ""


def _error_data(ended: Ended) -> dict[str, Any]:
    for event, data in reversed(_events(ended)):
        if event == "execution_error":
            return data
    return {}
