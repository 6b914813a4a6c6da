"""Settings of the web chat."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from services.ingress.settings import ChannelSettings, Host, Port


class Settings(ChannelSettings, frozen=True, kw_only=True):
    """Read once, passed down."""

    host: Host = field(default="127.0.0.1", name="DARKROOM_WEB_HOST")
    port: Port = field(default=8080, name="DARKROOM_WEB_PORT")
    more_hosts: Annotated[
        str, Meta(description="Name the hosts people reach the page by, separated by commas.")
    ] = field(default="", name="DARKROOM_WEB_HOSTS")
    onion: Annotated[
        str,
        Meta(
            pattern=r"^([a-z2-7]{56}\.[a-z]+)?\Z",
            description="Copy the address that `darkroom tunnel host --web` printed, without http://.",
        ),
    ] = field(default="", name="DARKROOM_WEB_ONION")
    behind_proxy: Annotated[
        bool, Meta(description="Say true only behind a proxy that sets X-Forwarded-Proto itself.")
    ] = field(default=False, name="DARKROOM_WEB_BEHIND_PROXY")
    health_port: Port = field(default=9084, name="HEALTH_PORT")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names besides loopback under which the page may be asked for."""
        names = (name.strip().lower() for name in self.more_hosts.split(","))
        return frozenset(name for name in (*names, self.onion) if name)
