"""Ports on loopback."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

HOST = "127.0.0.1"
_LOWEST = 20_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_TRIES = 200
_handed_out: set[int] = set()  # free until its program starts, and still not to be given to another


def is_free(port: int) -> bool:
    """Whether something could listen on *port* now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
    return True


def free_port() -> int:
    """
    A port that nothing uses.

    Not one the system hands to outgoing connections: while a server is down for a restart, one of its
    own clients that tries to reconnect could be given that port, and the server could not have it back.

    Raises:
        OSError: None was found.
    """
    highest = _ephemeral_start() - 1
    for _ in range(_TRIES):
        port = _LOWEST + secrets.randbelow(highest - _LOWEST)
        if port not in _handed_out and is_free(port):
            _handed_out.add(port)
            return port
    raise OSError(f"no free port between {_LOWEST} and {highest}")


def _ephemeral_start() -> int:
    try:
        start = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        start = 0
    # Systems that hand out nearly everything leave no such place; then the usual one is as good as any.
    return start if start > _LOWEST + 1000 else 32_768
