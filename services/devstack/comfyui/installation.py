"""What nodes see of the server they are installed on: model files, folders, GPUs."""

from __future__ import annotations

from msgspec import Struct

from .folders import Folders
from .models import ModelShelf


class Installation(Struct, frozen=True, kw_only=True):
    """Read by node descriptions (lists of files), validation and execution."""

    shelf: ModelShelf
    folders: Folders
    gpus: int = 0

    def devices(self) -> list[str]:
        """Devices that ComfyUI-MultiGPU offers."""
        return ["cpu", *(f"cuda:{index}" for index in range(self.gpus))]
