"""The ways that are compared: direct, bare SOCKS through the same anon, and Darkroom's tunnel."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import aiohttp
import msgspec
from msgspec import Struct

from services.cli.bench.tunnel_way import Way, way
from services.common.errors import RejectedError, UnavailableError
from services.tunnel.backends import Backend
from services.tunnel.isolation import Credentials
from services.tunnel.proxy import CHAIN_HEADER
from services.tunnel.socks import Gate, SocksConnector

DIRECT = "direct"
SOCKS = "socks"
TUNNEL = "tunnel"

Fresh = Callable[[], AbstractAsyncContextManager[Way]]
"""Opens a way that shares no circuit with any before it."""

_TIMEOUT_S = 60.0
_KEEP_S = 120.0


class _Status(Struct, frozen=True, kw_only=True):
    mode: str
    backends: dict[str, object]
    socks: tuple[str, int] | None = None


async def ways(tunnel_url: str, backend: Backend, direct_url: str) -> Mapping[str, Fresh]:
    """
    The ways to *backend*, by name; the direct one only if *direct_url* names it.

    Raises:
        UnavailableError: No tunnel answers at *tunnel_url*, or it is not up.
        RejectedError: It does not go through the network, or has no such backend.
    """
    status = await _status(tunnel_url)
    if status.mode != "anon" or backend.name not in status.backends:
        raise RejectedError(
            f"The tunnel at {tunnel_url} does not lead to {backend.name!r} through the network."
        )
    if status.socks is None:
        raise UnavailableError("The tunnel is not up: ./dev darkroom tunnel status")
    socks = status.socks

    @asynccontextmanager
    async def through_tunnel() -> AsyncGenerator[Way]:
        headers = {CHAIN_HEADER: str(uuid4())}
        async with way(f"{tunnel_url}/{backend.name}", aiohttp.TCPConnector(), headers) as opened:
            yield opened

    @asynccontextmanager
    async def through_socks() -> AsyncGenerator[Way]:
        credentials = Credentials(user=secrets.token_hex(16), password="bench")  # noqa: S106 - tells circuits apart
        gate = Gate(
            host=socks[0], port=socks[1], credentials=credentials, timeout_s=_TIMEOUT_S, check=lambda _: None
        )
        async with way(backend.origin, SocksConnector(gate, keep_s=_KEEP_S), {}) as opened:
            yield opened

    @asynccontextmanager
    async def directly() -> AsyncGenerator[Way]:
        async with way(direct_url, aiohttp.TCPConnector(), {}) as opened:
            yield opened

    found: dict[str, Fresh] = {SOCKS: through_socks, TUNNEL: through_tunnel}
    return found | ({DIRECT: directly} if direct_url else {})


async def _status(tunnel_url: str) -> _Status:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session,
            session.get(f"{tunnel_url}/-/status") as answer,
        ):
            return msgspec.json.decode(await answer.read(), type=_Status)
    except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as exc:
        raise UnavailableError(f"No tunnel of Darkroom's answers at {tunnel_url}.") from exc
