"""The orchestrator's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.common.config import Secret
from services.orchestrator.limits import Limits


class Settings(Struct, frozen=True, kw_only=True, rename="upper"):
    """Read once at start."""

    database_url: Annotated[
        Secret, Meta(description="Give the Postgres of the event log: postgresql://user:password@host/db")
    ]
    nats_url: Annotated[Secret, Meta(description="Give the NATS server: nats://user:password@host:4222")]
    darkroom_key_file: Annotated[
        Path, Meta(description="Name the file with the deployment's key (openssl rand -base64 32)")
    ]
    darkroom_max_open_jobs: Annotated[
        int, Meta(ge=1, le=10_000, description="How many unfinished jobs one person may have, 1 to 10000")
    ] = 20
    darkroom_max_running_jobs: Annotated[
        int, Meta(ge=1, le=1000, description="How many of them may render at once, 1 to 1000")
    ] = 4
    darkroom_staged_jobs: Annotated[
        int,
        Meta(ge=0, le=8, description="How many jobs wait at a backend beside the one it runs, 0 to 8"),
    ] = 1
    darkroom_queue_patience_s: Annotated[
        float,
        Meta(ge=1, le=604_800, description="Seconds a job waits while no backend can do it, up to a week"),
    ] = 900.0
    darkroom_tunnel: Annotated[
        Literal["anon", "direct"],
        Meta(description="As the tunnel has it: with anon, jobs wait until nothing goes around the tunnel"),
    ] = "direct"
    nats_replicas: Annotated[
        int, Meta(ge=1, le=5, description="Replicas of each stream: 1 on one machine, 3 in a cluster")
    ] = 1
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Meta(ge=0, le=65535, description="A free port")] = 9082

    @property
    def limits(self) -> Limits:
        """Those of the settings that scheduling keeps to."""
        return Limits(
            open_jobs=self.darkroom_max_open_jobs,
            running_jobs=self.darkroom_max_running_jobs,
            staged_jobs=self.darkroom_staged_jobs,
            queue_patience_s=self.darkroom_queue_patience_s,
        )
