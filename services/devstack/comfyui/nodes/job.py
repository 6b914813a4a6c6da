"""What a running node may use: its prompt, its server, and the way to report steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from PIL.Image import Image

from services.devstack.comfyui.faults import Faults
from services.devstack.comfyui.installation import Installation

ReportStep = Callable[[int, int, Callable[[], Image]], Awaitable[None]]


class NodeJob(Struct, frozen=True, kw_only=True):
    """
    One execution of one node.

    Attributes:
        prompt: The whole API-format prompt, which savers write into their files.
        extra_pnginfo: What the client sent along for the files' metadata.
        report: Awaited as report(step, of_steps, preview); raises InterruptedByUser when asked to stop.
    """

    node_id: str
    prompt: dict[str, Any]
    extra_pnginfo: dict[str, Any] | None
    here: Installation
    faults: Faults
    step_s: float
    report: ReportStep

    def metadata(self) -> dict[str, Any]:
        """What ComfyUI writes into every file it saves: the prompt first, then the client's own."""
        return {"prompt": self.prompt, **(self.extra_pnginfo or {})}
