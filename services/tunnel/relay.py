"""Bytes between two connections, both ways, in constant memory."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

from msgspec import Struct

_CHUNK_BYTES = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


class Side(Struct, frozen=True):
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        """Break the connection: what stops half-way must not look finished."""
        ours: socket.socket | None = self.writer.get_extra_info("socket")
        if ours is not None and ours.family != socket.AF_UNIX and ours.fileno() >= 0:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()

    async def close(self, *, timeout_s: float) -> None:
        """Close when all that was written is sent; raises ``TimeoutError`` or ``ConnectionError``."""
        async with asyncio.timeout(timeout_s):
            self.writer.close()
            await self.writer.wait_closed()


async def relay(
    client: Side,
    remote: Side,
    *,
    idle_timeout_s: float,
    count_up: Callable[[int], None],
    count_down: Callable[[int], None],
) -> None:
    """
    Carry bytes until both sides have ended; the end of one is passed on, and the other may go on.

    Each side is read only as fast as the other takes. Neither connection is closed here: the caller does it
    after an end, and resets both after an error.

    Raises:
        TimeoutError: Nothing has moved, either way, for *idle_timeout_s*.
        ConnectionError: One side broke off.
    """
    loop = asyncio.get_running_loop()

    async def pump(source: Side, sink: Side, count: Callable[[int], None]) -> None:
        while chunk := await source.reader.read(_CHUNK_BYTES):
            limit.reschedule(loop.time() + idle_timeout_s)
            sink.writer.write(chunk)
            await sink.writer.drain()
            limit.reschedule(loop.time() + idle_timeout_s)
            count(len(chunk))
        if not sink.writer.is_closing():
            sink.writer.write_eof()

    # One clock for both: while one side talks, the other may be silent.
    async with asyncio.timeout(idle_timeout_s) as limit:
        pumps = [
            asyncio.ensure_future(pump(client, remote, count_up)),
            asyncio.ensure_future(pump(remote, client, count_down)),
        ]
        try:
            await asyncio.gather(*pumps)
        finally:
            for one in pumps:
                one.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
