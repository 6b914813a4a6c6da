"""One SOCKS5 request, down to its reply code."""

from __future__ import annotations

import socket

from tests.anonnet.nodes import HOST

REFUSED = 5
_TIMEOUT_S = 20.0
_NO_REPLY = -1


def reply(port: int, host: str, target_port: int, *, user: str, password: str = "x") -> int:
    """What the SOCKS server at *port* replies when asked for *host*; -1 when it stays silent or hangs up."""
    name = host.encode()
    try:
        with socket.create_connection((HOST, port), _TIMEOUT_S) as connection:
            connection.sendall(b"\x05\x01\x02")
            connection.recv(2)
            connection.sendall(
                b"\x01" + bytes([len(user)]) + user.encode() + bytes([len(password)]) + password.encode()
            )
            connection.recv(2)
            connection.sendall(
                b"\x05\x01\x00\x03" + bytes([len(name)]) + name + target_port.to_bytes(2, "big")
            )
            said = connection.recv(10)
    except OSError:
        return _NO_REPLY
    return said[1] if len(said) > 1 else _NO_REPLY
