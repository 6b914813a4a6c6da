"""The tunnel's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.common.canary.settings import DEFAULT_INTERVAL_S, IntervalS
from services.common.config import Secret

_Port = Annotated[
    int, Meta(ge=0, le=65535, description="Use a free port, 1 to 65535; 0 lets the system pick.")
]


class Settings(Struct, frozen=True, kw_only=True, rename="upper"):
    """Read once in ``__main__``, passed down."""

    darkroom_backends: Annotated[
        str,
        Meta(description="Name the ComfyUI servers: name=http://host:port, several separated by commas."),
    ]
    darkroom_tunnel: Annotated[
        Literal["anon", "direct"],
        Meta(description="Use direct for backends on this machine, anon for any other."),
    ]
    tunnel_host: str = "127.0.0.1"
    tunnel_port: _Port = 9080
    tunnel_idle_timeout_s: Annotated[
        Annotated[float, Meta(gt=0, le=3600)] | None,
        Meta(description="Give the seconds an exchange may stand still, up to 3600."),
    ] = None
    """By default as suits the mode."""
    darkroom_home: Path = Path("~/.darkroom").expanduser()
    anon_binary: str = ""
    anon_config: Path | None = None
    anon_agree_to_terms: str = ""
    anon_bootstrap_timeout_s: Annotated[
        float,
        Meta(
            ge=10, le=3600, description="Give the seconds anon may take to get into the network, 10 to 3600."
        ),
    ] = 120.0
    nats_url: Annotated[
        Secret, Meta(description="Set it to nats://user:password@host:port, or leave it out.")
    ] = Secret("")
    """To say whether anything goes around the tunnel; it works without."""
    egress_check_interval_s: IntervalS = DEFAULT_INTERVAL_S
    darkroom_canary: str = ""
    health_host: str = "127.0.0.1"
    health_port: _Port = 9081
