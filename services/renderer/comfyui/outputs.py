"""Which files are a prompt's result, read from its history entry."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from services.renderer.comfyui.answers import Ended
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError

FILES_MAX = 64
"""More than a person looks through; a workflow that saves every frame of a video is told so."""


class OutputFile(Struct, frozen=True, kw_only=True):
    """A file as /view names it."""

    filename: str
    subfolder: str = ""
    type: str = "output"


def files(ended: Ended, definition: Definition) -> list[OutputFile]:
    """
    The files a successful prompt saved, in the order of the workflow's outputs, each once.

    Every list of files is taken, whatever it is called: videos stand under ``images``, sounds under
    ``audio``, and extensions have ``gifs``, ``video`` and names of their own. Words are no files.

    Raises:
        AttemptFailedError: It saved none (``no-output``), only words (``output-not-media``) or too
            many (``too-many-outputs``).
    """
    shown = [ended.outputs.get(node_id, {}) for node_id in definition.recipe.outputs]
    found = [file for lists in shown for items in lists.values() for file in _files(items)]
    once = list(dict.fromkeys(found))
    if not once and any(lists.get("text") for lists in shown):
        raise AttemptFailedError("output-not-media", retryable=False)
    if not once:
        raise AttemptFailedError("no-output", retryable=True)
    if len(once) > FILES_MAX:
        details = {"files": str(len(once)), "most": str(FILES_MAX)}
        raise AttemptFailedError("too-many-outputs", retryable=False, details=details)
    return once


def _files(items: object) -> list[OutputFile]:
    listed = cast("list[object]", items) if isinstance(items, list) else []
    dicts = [cast("dict[str, object]", item) for item in listed if isinstance(item, dict)]
    return [
        OutputFile(
            filename=name, subfolder=str(item.get("subfolder") or ""), type=str(item.get("type") or "output")
        )
        for item in dicts
        if isinstance(name := item.get("filename"), str) and name
    ]
