"""
A ComfyUI 0.8.0 without models: same routes, same events, same quirks; placeholders for pictures.

Code that works against it should work against the real server. `tests/contract/comfyui` runs on both.
"""

from __future__ import annotations

from .config import SimulatorConfig as SimulatorConfig
from .faults import Faults as Faults
from .server import Simulator as Simulator
from .server import running_simulator as running_simulator
