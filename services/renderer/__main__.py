"""``python -m services.renderer``: renders what is ordered, on the backends it is told of."""

from __future__ import annotations

import asyncio
import os

from services.common.config import read_settings
from services.common.health import Check, health_routes, serving
from services.common.keys import read_keyring
from services.common.run import run
from services.common.startup import Starting, connect_bus
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
    async with (
        new_session() as session,
        serving(health_routes(checks), settings.health_host, settings.health_port),
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
            checks.update(nats=bus.check, tunnel=renderer.check_tunnel)
            await renderer.run(stopping)
        finally:
            await bus.close()


if __name__ == "__main__":
    run("renderer", main, level=os.environ.get("LOG_LEVEL", "info"))
