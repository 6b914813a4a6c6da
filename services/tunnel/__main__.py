"""``python -m services.tunnel``: the tunnel in its client role; with ``host`` after it, in its host role."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import uuid4

import structlog

from services.common import health
from services.common.config import read_settings
from services.common.run import run
from services.tunnel.canary.keeping import Keeper
from services.tunnel.client_role import mode
from services.tunnel.config import Settings
from services.tunnel.host import service
from services.tunnel.host.config import Settings as HostSettings
from services.tunnel.listener import Listener
from services.tunnel.proxy import Named, Proxy


async def main(stopping: asyncio.Event) -> None:
    """Serve until *stopping* is set, then drain; in ``anon`` mode from the start, refusing until it is up."""
    settings = read_settings(Settings, os.environ)
    async with mode(settings) as made:
        proxy = Proxy(
            Named(made.backends), made.ways, own=made.own, idle=made.idle, heartbeat_s=made.heartbeat_s
        )
        listener = Listener(proxy, settings.tunnel_host, settings.tunnel_port)
        checks: dict[str, health.Check] = {"proxy": listener.missing, **made.checks}
        notes: dict[str, health.Check] = {}
        routes = health.health_routes(checks, notes)
        async with (
            health.serving(routes, settings.health_host, settings.health_port) as health_port,
            listener.listening() as port,
        ):
            keeper = Keeper(settings, made, port, uuid4())
            checks["egress"], notes["egress"] = keeper.canary.leaks, keeper.canary.doubt
            structlog.get_logger().info(
                "listens",
                port=port,
                health_port=health_port,
                mode=settings.darkroom_tunnel,
                backends=sorted(made.backends),
            )
            await keeper.run(stopping)


async def host(stopping: asyncio.Event) -> None:
    """Publish what is on this machine until *stopping* is set."""
    await service.serve(read_settings(HostSettings, os.environ), stopping, service.log_news)


if __name__ == "__main__":
    level = os.environ.get("LOG_LEVEL", "info")
    if sys.argv[1:] == ["host"]:
        run("tunnel-host", host, level=level)
    else:
        run("tunnel", main, level=level)
