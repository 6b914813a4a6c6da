"""Direct mode's promise: nothing leaves this machine. Checked at start, and again for each connection."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Iterable
from typing import Any

from services.common.errors import ConfigError
from services.tunnel.backends import Backend

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""As ``socket.getaddrinfo`` gives it: family, type, protocol, canonical name, socket address."""


class NotLoopbackError(OSError):
    """A connection would have left this machine; no socket was opened."""


def is_loopback(address: str) -> bool:
    """True for a literal IPv4 or IPv6 address that can't leave this machine."""
    try:
        literal = ipaddress.ip_address(address)
    except ValueError:
        return False
    # ::ffff:8.8.8.8 is dialled as 8.8.8.8, whatever Python's release thinks of the outer address.
    inner = literal.ipv4_mapped if isinstance(literal, ipaddress.IPv6Address) else None
    return (inner or literal).is_loopback


async def localhost_addresses() -> list[str]:
    """What ``localhost`` means on this machine; empty when it means nothing."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(info[4][0]) for info in found]


def require_loopback(backends: Iterable[Backend], localhost: Collection[str]) -> None:
    """
    Check that each backend is on this machine, *localhost* being what that name means here.

    No other name passes: to look one up could already tell a DNS server of a backend.

    Raises:
        ConfigError: Names the backend that is elsewhere, and the remedy.
    """
    for backend in backends:
        addresses = localhost if backend.host == "localhost" else [backend.host]
        if not addresses or not all(is_loopback(address) for address in addresses):
            raise ConfigError(
                f"Backend {backend.name!r}: {backend.host} is not on this machine, and "
                "DARKROOM_TUNNEL=direct reaches loopback only. Use 127.0.0.1, or reach another machine "
                "through the Anyone network: DARKROOM_TUNNEL=anon, with the address that `darkroom tunnel "
                "host` prints there."
            )


def loopback_socket(info: AddressInfo) -> socket.socket:
    """
    Make the socket for one connection attempt.

    This is the last step before a packet: it sees the address itself, so it doesn't matter which name led
    here, or what that name meant a minute ago.

    Raises:
        NotLoopbackError: The address is not on this machine.
    """
    family, kind, protocol, _, address = info
    if not is_loopback(str(address[0])):
        raise NotLoopbackError("the backend's address is not on this machine")
    return socket.socket(family, kind, protocol)
