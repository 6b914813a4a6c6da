"""``python -m services.tunnel``: the tunnel in its client role."""

from __future__ import annotations

import asyncio
import os

import structlog

from services.common import health
from services.common.config import read_settings
from services.common.errors import ConfigError
from services.common.run import run
from services.tunnel.backends import parse_backends
from services.tunnel.config import Settings
from services.tunnel.listener import Listener
from services.tunnel.loopback import localhost_addresses, require_loopback
from services.tunnel.own_routes import OwnRoutes
from services.tunnel.proxy import Named, Proxy
from services.tunnel.stall import Idle
from services.tunnel.ways import direct_ways


async def main(stopping: asyncio.Event) -> None:
    """Serve until *stopping* is set, then drain."""
    settings = read_settings(Settings, os.environ)
    backends = parse_backends(settings.darkroom_backends)
    if settings.darkroom_tunnel == "anon":
        raise ConfigError(
            "DARKROOM_TUNNEL=anon: the way through the Anyone network is not built yet. "
            "Use DARKROOM_TUNNEL=direct with backends on this machine."
        )
    require_loopback(backends.values(), await localhost_addresses())
    limit_s = settings.tunnel_idle_timeout_s
    idle = Idle(answer_s=limit_s, upload_s=limit_s, body_s=limit_s)
    async with direct_ways() as ways:
        proxy = Proxy(Named(backends), ways, own=OwnRoutes("direct", backends), idle=idle)
        listener = Listener(proxy, settings.tunnel_host, settings.tunnel_port)
        routes = health.health_routes({"proxy": listener.missing})
        async with (
            health.serving(routes, settings.health_host, settings.health_port) as health_port,
            listener.listening() as port,
        ):
            structlog.get_logger().info(
                "listens", port=port, health_port=health_port, mode="direct", backends=sorted(backends)
            )
            await stopping.wait()


if __name__ == "__main__":
    run("tunnel", main, level=os.environ.get("LOG_LEVEL", "info"))
