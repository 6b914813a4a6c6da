"""A line with a long way: what a tunnel through a network of relays does to every byte, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from services.devstack.ports import HOST

_PIECE_BYTES = 64 * 1024


class LatencyProxy:
    """
    Relays TCP connections, late: each byte takes half a round trip, and a new connection a whole one.

    It knows nothing of HTTP, so requests, uploads and WebSockets are all as far away. It has room for
    as much as comes: what is measured is the distance, not the width of the line.
    """

    def __init__(self, port: int, *, round_trip_s: float) -> None:
        self._port = port
        self._round_trip_s = round_trip_s

    async def relay(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        """Serve one connection until both ends are done with it."""
        clock = asyncio.get_running_loop().time
        opens_s = clock() + self._round_trip_s
        try:
            far, far_out = await asyncio.open_connection(HOST, self._port)
        except OSError:
            near_out.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(near, far_out, opens_s))
                group.create_task(self._carry(far, near_out, opens_s))
        except* (OSError, EOFError):
            pass  # one end has gone: so is the line
        finally:
            for writer in (near_out, far_out):
                writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, opens_s: float) -> None:
        clock = asyncio.get_running_loop().time
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def arrive() -> None:
            while True:
                due_s, piece = await on_the_way.get()
                await asyncio.sleep(due_s - clock())
                if not piece:
                    sink.write_eof()
                    return
                sink.write(piece)
                await sink.drain()

        async with asyncio.TaskGroup() as group:
            group.create_task(arrive())
            piece = b"more"
            while piece:
                piece = await source.read(_PIECE_BYTES)
                on_the_way.put_nowait((max(clock(), opens_s) + self._round_trip_s / 2, piece))


@asynccontextmanager
async def far_away(port: int, *, round_trip_s: float) -> AsyncGenerator[int]:
    """
    Another port of loopback that leads to *port*, *round_trip_s* away, while the block runs.

    Raises:
        OSError: No port is free.
    """
    proxy = LatencyProxy(port, round_trip_s=round_trip_s)
    under_way: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(proxy.relay(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    server = await asyncio.start_server(accept, HOST, 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(under_way):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*under_way, return_exceptions=True)
