"""The settings that both channels have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from services.common.config import Secret

Host = Annotated[str, Meta(description="Name an address of this machine.")]
Port = Annotated[int, Meta(ge=0, le=65535, description="Name a free TCP port, or 0 to have one picked.")]


class ChannelSettings(Struct, frozen=True, kw_only=True):
    """Read once, passed down; each channel adds its own."""

    nats_url: Annotated[Secret, Meta(description="Say where NATS is: nats://user:password@host:4222.")] = (
        field(name="NATS_URL")
    )
    key_file: Annotated[
        Path, Meta(description="Name the deployment's key file; make one with: openssl rand -base64 32.")
    ] = field(name="DARKROOM_KEY_FILE")
    health_host: Host = field(default="127.0.0.1", name="HEALTH_HOST")
