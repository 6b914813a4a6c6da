"""What a simulated ComfyUI server is started with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

MAX_BODY_BYTES = 100 * 1024 * 1024  # ComfyUI's --max-upload-size, 100 MiB unless told otherwise


class SimulatorConfig(Struct, frozen=True, kw_only=True):
    """One simulated server. The defaults are ComfyUI's own, on a port the system picks."""

    base_dir: Path  # gets input/, output/ and temp/; temp/ is emptied at start, as the real server does
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    step_s: Annotated[float, Meta(ge=0)] = 0.15  # seconds one sampling step takes
    without: tuple[str, ...] = ()  # model files this server lacks
    gpus: Annotated[int, Meta(ge=0, le=16)] = 0  # more than 0: ComfyUI-MultiGPU is installed and sees so many
    faults_route: bool = False  # answer /_simulator/*, so that another process can make faults
    max_body_bytes: Annotated[int, Meta(gt=0)] = MAX_BODY_BYTES
