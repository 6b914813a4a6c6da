"""Start the orchestrator: `python -m services.orchestrator`."""

from __future__ import annotations

import asyncio
import os

from services.common import bus as bus_module
from services.common import streams
from services.common.config import read_settings
from services.common.db import Pool, connection, open_pool
from services.common.errors import ServiceError
from services.common.health import health_routes, serving
from services.common.keys import Keyring, read_keyring
from services.common.run import run
from services.common.startup import patiently
from services.orchestrator.config import Settings
from services.orchestrator.migration import migrate
from services.orchestrator.person_keys import require_same_key
from services.orchestrator.service import serve


async def main(stopping: asyncio.Event) -> None:
    """Wire the orchestrator and run it until *stopping*."""
    settings = read_settings(Settings, os.environ)
    keyring = read_keyring(settings.darkroom_key_file)
    pool = await open_pool(settings.database_url.value)
    answering = asyncio.Event()

    async def database() -> str:
        try:
            async with connection(pool) as conn:
                await conn.fetchval("SELECT 1")
        except ServiceError as exc:
            return str(exc)
        return ""

    async def nats() -> str:
        return "NATS is not connected"

    async def started() -> str:
        return "" if answering.is_set() else "still starting"

    checks = {"postgres": database, "nats": nats, "started": started}
    async with serving(health_routes(checks), settings.health_host, settings.health_port):
        await patiently("Postgres", lambda: _prepare(pool, keyring), stopping)
        bus = await patiently(
            "NATS", lambda: bus_module.connect(settings.nats_url.value, "orchestrator"), stopping
        )
        checks["nats"] = bus.check
        try:
            await patiently(
                "streams", lambda: streams.declare(bus, replicas=settings.nats_replicas), stopping
            )
            await serve(
                pool,
                bus,
                keyring,
                limits=settings.limits,
                mode=settings.darkroom_tunnel,
                replicas=settings.nats_replicas,
                stopping=stopping,
                answering=answering.set,
            )
        finally:
            await bus.close()
            pool.terminate()


async def _prepare(pool: Pool, keyring: Keyring) -> None:
    async with connection(pool) as conn:
        await migrate(conn)
        await require_same_key(conn, keyring)


if __name__ == "__main__":
    run("orchestrator", main, level=os.environ.get("LOG_LEVEL", "info"))
