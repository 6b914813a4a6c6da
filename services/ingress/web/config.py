"""Settings of the web chat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

Port = Annotated[int, Meta(ge=0, le=65535, description="Name a free TCP port, or 0 to have one picked.")]


class Settings(Struct, frozen=True, kw_only=True):
    """Read once, passed down."""

    nats_url: Annotated[str, Meta(description="Say where NATS is: nats://user:password@host:4222.")] = field(
        name="NATS_URL"
    )
    key_file: Annotated[
        Path, Meta(description="Name the deployment's key file; make one with: openssl rand -base64 32.")
    ] = field(name="DARKROOM_KEY_FILE")
    host: Annotated[str, Meta(description="Name an address of this machine.")] = field(
        default="127.0.0.1", name="DARKROOM_WEB_HOST"
    )
    port: Port = field(default=8080, name="DARKROOM_WEB_PORT")
    more_hosts: Annotated[
        str, Meta(description="Name the hosts people reach the page by, separated by commas.")
    ] = field(default="", name="DARKROOM_WEB_HOSTS")
    behind_proxy: Annotated[
        bool, Meta(description="Say true only behind a proxy that sets X-Forwarded-Proto itself.")
    ] = field(default=False, name="DARKROOM_WEB_BEHIND_PROXY")
    health_host: Annotated[str, Meta(description="Name an address of this machine.")] = field(
        default="127.0.0.1", name="HEALTH_HOST"
    )
    health_port: Port = field(default=9084, name="HEALTH_PORT")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names besides loopback under which the page may be asked for."""
        names = (name.strip().lower() for name in self.more_hosts.split(","))
        return frozenset(name for name in names if name)
