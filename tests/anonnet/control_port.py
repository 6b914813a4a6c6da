"""The control port in thirty lines, so that tests look with other eyes than the code they test."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import BinaryIO

from tests.anonnet.nodes import HOST

_TIMEOUT_S = 10.0


def ask(port: int, cookie: Path, *commands: str) -> list[list[str]]:
    """Authenticate with *cookie*, say *commands*, and return the lines of each answer."""
    with socket.create_connection((HOST, port), _TIMEOUT_S) as connection, connection.makefile("rwb") as file:
        greeting, *answers = [
            _exchange(file, command) for command in (f"AUTHENTICATE {cookie.read_bytes().hex()}", *commands)
        ]
    if not greeting[0].startswith("250"):
        raise ValueError(greeting[0])
    return answers


def _exchange(file: BinaryIO, command: str) -> list[str]:
    file.write(command.encode() + b"\r\n")
    file.flush()
    lines, in_data = list[str](), False
    while True:
        raw = file.readline()
        if not raw:
            raise ConnectionError(f"no answer to {command.split(maxsplit=1)[0]}")
        line = raw.decode().rstrip("\r\n")
        lines.append(line)
        if in_data:
            in_data = line != "."
        elif line[3:4] == "+":
            in_data = True
        elif line[3:4] == " ":
            return lines
