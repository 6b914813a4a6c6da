"""What the tunnel's canary tries: its way to the backends, and its code for backends of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from uuid import uuid4

from services.common.canary.canary import Way
from services.common.canary.through import way_to_any
from services.tunnel.backends import Backend
from services.tunnel.errors import RefusedError, TunnelDownError, WayError
from services.tunnel.ways import Ways, direct_ways

TRY_S = 30.0
"""A circuit may have to be built first, and a dead host is not told from a slow one."""

_ROUTE = "/system_stats"


async def way_through(ways: Ways, backends: Collection[Backend], *, timeout_s: float = TRY_S) -> Way:
    """Why none of *backends* answers a small request, sent under isolation keys that nothing else has."""
    return await way_to_any(_answers(ways, backend, timeout_s) for backend in backends)


async def escapes(backends: Collection[Backend]) -> bool:
    """Whether the code that reaches backends on this machine reaches one of *backends*, which are not."""
    async with direct_ways(connect_timeout_s=3.0) as ways:
        return "" in {await _answers(ways, backend, 5.0) for backend in backends}


async def _answers(ways: Ways, backend: Backend, timeout_s: float) -> Way:
    try:
        async with asyncio.timeout(timeout_s), ways.way(backend, f"canary-{uuid4()}") as upstream:
            # Nobody else has this chain: its circuit need not be kept.
            upstream.is_suspect = True
            async with await upstream.send("GET", f"{backend.origin}{_ROUTE}", {}, None):
                return ""
    except TunnelDownError:
        return "tunnel-down"
    except (WayError, RefusedError, TimeoutError):
        return "no-backend"
