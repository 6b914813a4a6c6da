"""Connections that are attempted without the tunnel, in order to see them fail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from services.common.canary.guard import on_purpose
from services.common.canary.proc_net import Endpoint, canonical

ATTEMPT_S = 3.0


async def open_ways(outside: Sequence[Endpoint], *, timeout_s: float = ATTEMPT_S) -> tuple[int, ...]:
    """Ports of those of *outside* that take a connection from here."""
    taken = await asyncio.gather(*(_is_taken(one, timeout_s) for one in outside))
    return tuple(port for (_, port), is_taken in zip(outside, taken, strict=True) if is_taken)


async def _is_taken(endpoint: Endpoint, timeout_s: float) -> bool:
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    try:
        attempt = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError:
        return False  # this machine does not even know the protocol
    with attempt, on_purpose():
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(attempt, endpoint)
        except (OSError, TimeoutError):
            return False
        return True


@asynccontextmanager
async def held_open(host: str, port: int) -> AsyncGenerator[tuple[Endpoint, Endpoint] | None]:
    """A connection that is known to be open in this block, as its two ends; nothing when it can't be made."""
    try:
        async with asyncio.timeout(ATTEMPT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        yield None
        return
    try:
        mine, other = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
        yield (canonical(mine[0]), int(mine[1])), (canonical(other[0]), int(other[1]))
    finally:
        # Nothing was said over it, so there is nothing to say farewell to.
        writer.transport.abort()
