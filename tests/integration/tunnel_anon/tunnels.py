"""The tunnel as the service makes it, in this process, through a private network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from services.common.health import serving_app
from services.tunnel.client_role import mode
from services.tunnel.config import Settings
from services.tunnel.errors import ERROR_HEADER
from services.tunnel.listener import Listener
from services.tunnel.proxy import CHAIN_HEADER, Named, Proxy
from services.tunnel.stall import Idle
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel.running import Handler
from tests.integration.tunnel_anon.hosts import Host

DEADLINE_S = 90.0
_EVERY_S = 0.2


@dataclass(frozen=True)
class Tunnel:
    """A tunnel and a client of it."""

    url: str
    client: aiohttp.ClientSession

    async def ask(self, backend: str = "gpu", chain: str = "", route: str = "/prompt") -> tuple[int, str]:
        """Status and error code of a GET."""
        headers = {CHAIN_HEADER: chain} if chain else {}
        try:
            async with self.client.get(f"{self.url}/{backend}{route}", headers=headers) as answer:
                await answer.read()
                return answer.status, answer.headers.get(ERROR_HEADER, "")
        except aiohttp.ClientConnectorError:
            return 0, "not started"

    async def until(self, expected: tuple[int, str], backend: str = "gpu") -> None:
        """Ask until that is the answer: what was published a moment ago is not known everywhere yet."""
        said: tuple[int, str] | None = None
        try:
            async with asyncio.timeout(DEADLINE_S):
                while (said := await self.ask(backend)) != expected:  # noqa: ASYNC110 - of another process
                    await asyncio.sleep(_EVERY_S)
        except TimeoutError:
            raise AssertionError(f"still {said}, and not {expected}") from None

    async def status(self) -> dict[str, Any]:
        """What it says of itself."""
        async with self.client.get(f"{self.url}/-/status") as answer:
            return await answer.json()


def settings(network: SharedNetwork, home: Path, **backends: str) -> Settings:
    """The settings of a tunnel to hidden services by name."""
    home.mkdir(parents=True, exist_ok=True)
    return Settings(
        darkroom_backends=",".join(f"{name}=http://{address}:80" for name, address in backends.items()),
        darkroom_tunnel="anon",
        darkroom_home=home,
        anon_binary=str(network.binary),
        anon_config=network.config_file(home),
        anon_agree_to_terms="yes",
    )


@asynccontextmanager
async def tunnel(
    network: SharedNetwork,
    home: Path,
    client: aiohttp.ClientSession,
    *,
    idle: Idle | None = None,
    heartbeat_s: float | None = None,
    **backends: str,
) -> AsyncGenerator[Tunnel]:
    """A tunnel to *backends* by name, from its start on."""
    async with mode(settings(network, home, **backends)) as made:
        proxy = Proxy(
            Named(made.backends),
            made.ways,
            own=made.own,
            idle=idle or made.idle,
            heartbeat_s=heartbeat_s or made.heartbeat_s,
        )
        async with Listener(proxy, "127.0.0.1", 0).listening() as port:
            yield Tunnel(f"http://127.0.0.1:{port}", client)


@asynccontextmanager
async def backend(host: Host, handler: Handler) -> AsyncGenerator[None]:
    """Answer everything that comes to *host* with *handler* while the block runs."""
    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", handler)
    async with serving_app(app, "127.0.0.1", host.port):
        yield


async def well(_: web.Request) -> web.StreamResponse:
    """A backend that is."""
    return web.json_response({})
