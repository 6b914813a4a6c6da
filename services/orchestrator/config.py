"""The orchestrator's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from services.common.config import Secret


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
    nats_replicas: Annotated[
        int, Meta(ge=1, le=5, description="Replicas of each stream: 1 on one machine, 3 in a cluster")
    ] = 1
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Meta(ge=0, le=65535, description="A free port")] = 9082
