"""This process's own sockets, as the kernel has them: nothing that runs in it can hide one."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from services.common.canary.proc_net import Endpoint, Socket, nameservers, parse

_TABLES = ("tcp", "tcp6", "udp", "udp6")
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def own_sockets(proc: Path = Path("/proc/self")) -> list[Socket]:
    """
    Every socket of this process that has to do with IP.

    Raises:
        OSError: The kernel doesn't show them.
        ValueError: What it shows is not what it should be.
    """
    mine = _inodes(proc)
    rows: list[Socket] = []
    for name in _TABLES:
        table = proc / "net" / name
        with suppress(FileNotFoundError):  # without IPv6 there are no tables of it
            rows += [row for row in parse(table.read_text(encoding="ascii")) if row.inode in mine]
    return rows


def _inodes(proc: Path) -> set[int]:
    found: set[int] = set()
    for name in os.listdir(proc / "fd"):  # noqa: PTH208 - of names alone; they come and go meanwhile
        with suppress(FileNotFoundError):
            socket = _SOCKET.fullmatch(os.readlink(proc / "fd" / name))  # noqa: PTH115 - no path, a label
            if socket is not None:
                found.add(int(socket[1]))
    return found


def own_nameservers(path: Path = Path("/etc/resolv.conf")) -> set[Endpoint]:
    """Where this machine asks for names."""
    try:
        return nameservers(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return set()
