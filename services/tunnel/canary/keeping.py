"""The tunnel's canary put together, and kept while the tunnel serves."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from schemas.egress import Mode as ModeName
from services.common.bus import Bus, hosts
from services.common.canary.canary import Canary, Post
from services.common.canary.guard import is_literal, stand_guard
from services.common.canary.proc_net import Endpoint, canonical
from services.common.canary.settings import parse_outside
from services.common.canary.telling import tell
from services.common.run import StoppedError
from services.common.startup import connect_bus
from services.tunnel.canary.trying import escapes, way_through
from services.tunnel.client_role import Mode
from services.tunnel.config import Settings


class Keeper:
    """
    Keeps the tunnel's canary.

    Args:
        settings: The tunnel's.
        made: What its proxy is made with.
        port: Where the proxy listens.
        process: Id of this process.
    """

    def __init__(self, settings: Settings, made: Mode, port: int, process: UUID) -> None:
        self._nats_url = settings.nats_url.value
        self._bus: Bus | None = None
        self._made = made
        self._mode: ModeName = settings.darkroom_tunnel
        door = (settings.tunnel_host, port)
        post = Post(
            position="tunnel",
            mode=self._mode,
            way=lambda: way_through(made.ways, made.backends.values()),
            # Without a way of its own the tunnel is known to reach itself.
            door=made.door if settings.darkroom_tunnel == "anon" else lambda: door,
            told=self._told,
            escapes=self._escapes,
            moment=made.moment,
            outside=parse_outside(settings.darkroom_canary),
            interval_s=settings.egress_check_interval_s,
        )
        names = (*hosts(self._nats_url), settings.tunnel_host, settings.health_host)
        self.canary = Canary(post, process, stand_guard(names))
        made.own.checked = lambda: self.canary.found

    async def run(self, stopping: asyncio.Event) -> None:
        """Check, and tell of it as soon as NATS is there, until *stopping*; the tunnel serves without it."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.canary.run(stopping)), group.create_task(self._tell(stopping))]
            await stopping.wait()
            for task in tasks:
                task.cancel()  # a check takes as long as a dead host is silent

    async def _tell(self, stopping: asyncio.Event) -> None:
        if not self._nats_url:
            structlog.get_logger().warning("egress not told", reason="NATS_URL is not set")
            return
        try:
            self._bus = await connect_bus(self._nats_url, "tunnel", stopping, await_streams=False)
        except StoppedError:
            return
        try:
            await tell(self.canary, self._bus, stopping)
        finally:
            await self._bus.close()

    def _told(self) -> set[Endpoint]:
        servers = self._bus.servers if self._bus is not None else ()
        return {(canonical(host), port) for host, port in servers if is_literal(host)}

    async def _escapes(self) -> bool:
        return self._mode == "anon" and await escapes(self._made.backends.values())
