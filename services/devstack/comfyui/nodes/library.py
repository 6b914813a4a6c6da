"""Every node a simulated server knows, by class_type."""

from __future__ import annotations

from services.devstack.comfyui.installation import Installation

from .animations import ANIMATIONS
from .audio import AUDIO
from .conditioning import CONDITIONING
from .images import IMAGES
from .latents import LATENTS
from .loaders import LOADERS, MODEL_PATCHES
from .multigpu import twins
from .sampling import SAMPLING
from .saving import SAVING
from .spec import Node
from .text import TEXT
from .video import VIDEO

CORE = (
    *SAMPLING,
    *LOADERS,
    *MODEL_PATCHES,
    *CONDITIONING,
    *LATENTS,
    *IMAGES,
    *SAVING,
    *ANIMATIONS,
    *VIDEO,
    *AUDIO,
    *TEXT,
)

Library = dict[str, Node]


def library(here: Installation) -> Library:
    """ComfyUI's own nodes that shipped workflows and model-free graphs use, and MultiGPU's if installed."""
    return {node.name: node for node in (*CORE, *twins(LOADERS, here))}
