"""The ways to backends: who opens connections, and for whom."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import aiohttp

from services.common.canary.resolver import OnlyNames
from services.tunnel.backends import Backend
from services.tunnel.loopback import loopback_socket
from services.tunnel.upstream import Upstream, new_session


class Ways(Protocol):
    """Leads to backends; there is no other way to one."""

    def way(self, backend: Backend, chain: str) -> AbstractAsyncContextManager[Upstream]:
        """
        The way to *backend* on behalf of an image chain, for one request; nothing is sent by asking.

        An error that leaves the block tells how the way held.

        Args:
            backend: Where to.
            chain: What must share no circuit with another; empty for the backend's own questions.

        Raises:
            TunnelDownError: There is no way out of here now.
            AddressRefusedError: The backend's address may not be asked for.
        """
        ...


class DirectWays:
    """To this machine only, without a tunnel; chains make no difference."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def way(self, backend: Backend, chain: str) -> AsyncGenerator[Upstream]:  # noqa: ARG002 - as `Ways`
        """As ``Ways``; where the backend is, is looked at when a connection is made."""
        yield Upstream(self._session)


@asynccontextmanager
async def direct_ways(*, connect_timeout_s: float = 10.0) -> AsyncGenerator[DirectWays]:
    """Direct ways while the block runs."""
    connector = aiohttp.TCPConnector(
        limit=0, use_dns_cache=False, socket_factory=loopback_socket, resolver=OnlyNames()
    )
    async with new_session(connector, connect_timeout_s=connect_timeout_s) as session:
        yield DirectWays(session)
