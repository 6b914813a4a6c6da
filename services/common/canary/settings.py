"""The canary's settings, which every position has."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.common.canary.guard import is_literal
from services.common.canary.proc_net import Endpoint, canonical
from services.common.errors import ConfigError

IntervalS = Annotated[
    float, Meta(gt=0, le=3600, description="Give the seconds between two checks of the way out, up to 3600.")
]
DEFAULT_INTERVAL_S = 60.0

_REMEDY = (
    "Write addresses outside that must not be reachable from here as ip:port, like 192.0.2.7:8188 or "
    "[2001:db8::7]:8188; several separated by commas."
)


def parse_outside(text: str, source: str = "DARKROOM_CANARY") -> tuple[Endpoint, ...]:
    """
    Addresses that must not be reachable but through the tunnel.

    Raises:
        ConfigError: Names what is wrong and how to write it.
    """
    return tuple(_endpoint(entry.strip(), source) for entry in text.split(",") if entry.strip())


def _endpoint(entry: str, source: str) -> Endpoint:
    host, colon, port = entry.rpartition(":")
    address = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535
    if not colon or not is_port or not is_literal(address) or (":" in address) != host.startswith("["):
        raise ConfigError(f"{source}: {entry!r} is no address with a port. {_REMEDY}")
    return canonical(address), int(port)
