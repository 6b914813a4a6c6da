"""What backends say of themselves, by the simulator's own nodes."""

from __future__ import annotations

import copy
from pathlib import Path

from services.devstack.comfyui.folders import Folders
from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.models import ModelShelf
from services.devstack.comfyui.nodes.description import describe
from services.devstack.comfyui.nodes.library import library
from services.renderer.object_info import ObjectInfo


def _described(gpus: int) -> ObjectInfo:
    here = Installation(shelf=ModelShelf(), folders=Folders(Path("nowhere")), gpus=gpus)
    # No pictures in the input folder: it is not there.
    known = {name: node for name, node in library(here).items() if name != "LoadImage"}
    loads = {"LoadImage": {"input": {"required": {"image": [[], {}]}}, "output": ["IMAGE", "MASK"]}}
    return loads | {name: describe(node, here) for name, node in known.items()}


_DESCRIBED = {gpus: _described(gpus) for gpus in range(5)}


def backend(gpus: int = 0) -> ObjectInfo:
    """``/object_info`` of a server with every model, and with ComfyUI-MultiGPU if it has GPUs."""
    return copy.deepcopy(_DESCRIBED[gpus])
