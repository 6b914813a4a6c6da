"""``python -m services.renderer``: renders what is ordered, on the backends it is told of."""

from __future__ import annotations

import asyncio
import os

from services.common.canary.telling import tell
from services.common.config import read_settings
from services.common.health import Check, health_routes, serving
from services.common.keys import read_keyring
from services.common.run import run
from services.common.startup import Starting, connect_bus
from services.renderer.canary import new_canary, tunnel_of
from services.renderer.catalogue import OWN, read_catalogue
from services.renderer.config import Settings
from services.renderer.service import Plan, Renderer, new_session


async def main(stopping: asyncio.Event) -> None:
    """Start, work until *stopping* is set, stop."""
    settings = read_settings(Settings, os.environ)
    keyring = read_keyring(settings.darkroom_key_file)
    catalogue = read_catalogue([OWN, *settings.workflow_folders()])
    backends = settings.backends()
    starting = Starting()
    checks: dict[str, Check] = {"started": starting.check}
    notes: dict[str, Check] = {}
    async with (
        new_session([tunnel_of(settings)[0]]) as session,
        serving(health_routes(checks, notes), settings.health_host, settings.health_port),
    ):
        bus = await connect_bus(settings.nats_url.value, "renderer", stopping, starting=starting)
        try:
            plan = Plan(
                bus=bus,
                keyring=keyring,
                catalogue=catalogue,
                backends=backends,
                tunnel_url=settings.tunnel_url,
                limits=settings.limits(),
                staged_jobs=settings.darkroom_staged_jobs,
            )
            renderer = Renderer(plan, session)
            del checks["started"]
            canary = new_canary(settings, bus, renderer)
            checks.update(nats=bus.check, tunnel=renderer.check_tunnel, egress=canary.leaks)
            notes.update(egress=canary.doubt)
            async with asyncio.TaskGroup() as group:
                watching = [
                    group.create_task(canary.run(stopping)),
                    group.create_task(tell(canary, bus, stopping)),
                ]
                await renderer.run(stopping)
                for task in watching:
                    task.cancel()  # a check takes as long as a dead host is silent
        finally:
            await bus.close()


if __name__ == "__main__":
    run("renderer", main, level=os.environ.get("LOG_LEVEL", "info"))
