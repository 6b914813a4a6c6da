"""What backends say of themselves, by the simulator's own nodes."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.devstack.comfyui.folders import Folders
from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.models import ModelShelf
from services.devstack.comfyui.nodes.description import describe
from services.devstack.comfyui.nodes.library import library
from services.renderer.object_info import ObjectInfo


def backend(gpus: int = 0) -> ObjectInfo:
    """``/object_info`` of a server with every model, and with ComfyUI-MultiGPU if it has GPUs."""
    return copy.deepcopy(_described(gpus))


@cache
def _described(gpus: int) -> ObjectInfo:
    with TemporaryDirectory() as base:  # nodes that load pictures list what lies there
        folders = Folders(Path(base))
        folders.prepare()
        here = Installation(shelf=ModelShelf(), folders=folders, gpus=gpus)
        return {name: describe(node, here) for name, node in library(here).items()}
