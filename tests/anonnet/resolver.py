"""The DNS server that the exits ask: ``*.test`` is this machine, nothing else exists."""

from __future__ import annotations

import asyncio
import struct
from typing import cast

from tests.anonnet.nodes import HOST

_A = 1
_NXDOMAIN = 3
_HEADER_BYTES = 12


class Resolver(asyncio.DatagramProtocol):
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self, port: int) -> None:
        """Answer on *port* until ``close``."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, port))

    def close(self) -> None:
        """Answer no more."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        name, kind, question = _question(data)
        self.asked.append(name)
        exists = name.endswith(".test")
        answer = b""
        if exists and kind == _A:
            answer = b"\xc0\x0c" + struct.pack(">HHIH4B", 1, 1, 30, 4, 127, 0, 0, 1)
        flags = 0x8180 | (0 if exists else _NXDOMAIN)
        self._transport.sendto(
            data[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + question + answer, addr
        )


def _question(query: bytes) -> tuple[str, int, bytes]:
    """Name, kind and the bytes of a query's only question."""
    at, labels = _HEADER_BYTES, list[str]()
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("latin1"))
        at += length + 1
    kind = struct.unpack(">H", query[at + 1 : at + 3])[0]
    return ".".join(labels).lower(), kind, query[_HEADER_BYTES : at + 5]
