"""Which server the suite is pointed at."""

from __future__ import annotations

import os

import pytest

REAL_URL = os.environ.get("COMFYUI_URL", "").rstrip("/")

simulator_only = pytest.mark.skipif(
    bool(REAL_URL), reason="COMFYUI_URL is set, and this is about what only the simulator does"
)
