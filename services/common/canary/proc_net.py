"""The kernel's tables of sockets, ``/proc/net/tcp`` and the like. Pure."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable

from msgspec import Struct

Endpoint = tuple[str, int]
"""A literal address, an IPv4 one always in its own notation, and a port."""

LISTENING = 0x0A
_OVER = frozenset({0x06, 0x07})  # TIME_WAIT, CLOSE
_WORD_BYTES = 4


class Socket(Struct, frozen=True, kw_only=True):
    """
    One row.

    Attributes:
        local: Its own end.
        remote: The other end; port 0 when there is none.
        state: As the kernel numbers TCP's; UDP has ``1`` when it is connected.
        inode: By which a process's descriptors are told.
    """

    local: Endpoint
    remote: Endpoint
    state: int
    inode: int


def parse(table: str) -> list[Socket]:
    """The rows of one table; raises ``ValueError`` when it is none."""
    return [_row(line.split()) for line in table.splitlines()[1:] if line.strip()]


def _row(columns: list[str]) -> Socket:
    if len(columns) < 10:
        raise ValueError(f"a row of {len(columns)} columns")
    return Socket(
        local=_endpoint(columns[1]),
        remote=_endpoint(columns[2]),
        state=int(columns[3], 16),
        inode=int(columns[9]),
    )


def _endpoint(text: str) -> Endpoint:
    address, _, port = text.partition(":")
    raw = bytes.fromhex(address)
    if sys.byteorder == "little":
        # The kernel prints the words of an address as numbers of its own, whatever order the network has.
        raw = b"".join(raw[at : at + _WORD_BYTES][::-1] for at in range(0, len(raw), _WORD_BYTES))
    return canonical(str(ipaddress.ip_address(raw))), int(port, 16)


def canonical(address: str) -> str:
    """A literal address as ``Endpoint`` has it; raises ``ValueError`` for anything else."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def led_to(sockets: Iterable[Socket]) -> set[Endpoint]:
    """
    Where connections lead that these sockets' process has opened itself, or tries to.

    Those that others have opened to it are told by their own end, at which it listens.
    """
    rows = list(sockets)
    doors = {row.local for row in rows if row.state == LISTENING}
    return {
        row.remote
        for row in rows
        if row.remote[1] != 0
        and row.state not in _OVER
        and row.state != LISTENING
        and not _came_in(row.local, doors)
    }


def _came_in(local: Endpoint, doors: set[Endpoint]) -> bool:
    return any(port == local[1] and address in {local[0], "0.0.0.0", "::"} for address, port in doors)  # noqa: S104 - read, not bound


def is_loopback(address: str) -> bool:
    """Whether a literal address can't leave this machine."""
    return ipaddress.ip_address(canonical(address)).is_loopback


def nameservers(resolv_conf: str) -> set[Endpoint]:
    """Where this machine asks for names, by ``/etc/resolv.conf``."""
    found: set[Endpoint] = set()
    for line in resolv_conf.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                found.add((canonical(words[1]), 53))
            except ValueError:
                continue
    return found
