"""Settings of the renderer."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.common.canary.settings import DEFAULT_INTERVAL_S, IntervalS
from services.common.config import Secret
from services.common.errors import ConfigError
from services.renderer.watch import Limits

# A name becomes a token of NATS subjects and durable names, and a segment of the tunnel's paths.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class Settings(Struct, frozen=True, kw_only=True, rename="upper"):
    """Read once at start."""

    nats_url: Annotated[Secret, Meta(description="Set it to nats://user:password@host:port.")]
    darkroom_key_file: Annotated[
        Path, Meta(description="Make a key with: openssl rand -base64 32 > FILE, and name the file here.")
    ]
    darkroom_backends: Annotated[str, Meta(description="Set it to name=url,… with one name at least.")]
    darkroom_workflows: Annotated[str, Meta(description="Folders of more workflows.")] = ""
    tunnel_url: Annotated[
        str, Meta(pattern="^http://", description="Where the tunnel listens, http://host:port.")
    ] = "http://127.0.0.1:9080"
    render_timeout_s: Annotated[
        float,
        Meta(gt=0, le=86400, description="Seconds without a sign of life until an attempt is given up."),
    ] = 900.0
    stall_timeout_s: Annotated[
        float, Meta(gt=0, le=86400, description="Seconds between two steps until a render has stalled.")
    ] = 120.0
    wedged_after_s: Annotated[
        float,
        Meta(gt=0, le=3600, description="Seconds that a backend's queue may wait while nothing runs there."),
    ] = 20.0
    darkroom_staged_jobs: Annotated[
        int,
        Meta(ge=0, le=8, description="As the orchestrator has it: jobs at a backend beside the one it runs."),
    ] = 1
    darkroom_tunnel: Annotated[
        Literal["anon", "direct"], Meta(description="As the tunnel has it: anon or direct.")
    ] = "direct"
    egress_check_interval_s: IntervalS = DEFAULT_INTERVAL_S
    darkroom_canary: str = ""
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Meta(ge=0, le=65535, description="A port from 0 to 65535.")] = 9083

    def backends(self) -> tuple[str, ...]:
        """
        Names in ``DARKROOM_BACKENDS``. The addresses are the tunnel's to know.

        Raises:
            ConfigError: No name, a name twice, or one that can't be used.
        """
        names = [
            entry.partition("=")[0].strip() for entry in self.darkroom_backends.split(",") if entry.strip()
        ]
        for name in names:
            if not _NAME.fullmatch(name):
                raise ConfigError(
                    f"DARKROOM_BACKENDS: {name!r} can't be a name. Use small letters, digits, - and _."
                )
        if not names or len(set(names)) != len(names):
            raise ConfigError("DARKROOM_BACKENDS needs name=url,… with every name once.")
        return tuple(names)

    def limits(self) -> Limits:
        """After which an attempt is given up."""
        return Limits(
            silence_s=self.render_timeout_s, stall_s=self.stall_timeout_s, idle_s=self.wedged_after_s
        )

    def workflow_folders(self) -> tuple[Path, ...]:
        """Folders in ``DARKROOM_WORKFLOWS``."""
        return tuple(Path(part).expanduser() for part in self.darkroom_workflows.split(os.pathsep) if part)
