"""``/livez``, ``/readyz`` and ``/metrics`` of one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[str]]
"""Says what is missing, or the empty string when it is there."""

_CHECK_TIMEOUT_S = 3.0


def health_routes(
    checks: Mapping[str, Check], notes: Mapping[str, Check] | None = None
) -> list[web.RouteDef]:
    """
    The three routes; liveness looks at nothing shared, or every process would leave at once.

    Args:
        checks: What has to be there for this process to be ready.
        notes: What is told beside that, and keeps it from nothing.
    """

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        failing, noted = await failing_checks(checks), await failing_checks(notes or {})
        body = {
            "ready": not failing,
            "failing": failing,
            "ok": sorted(set(checks) - set(failing)),
            "notes": noted,
        }
        return web.Response(
            body=msgspec.json.encode(body), status=503 if failing else 200, content_type="application/json"
        )

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)]


async def failing_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """What each failing check says is missing."""
    asked = dict(checks)  # while they answer, a service that still starts may add to them

    async def ask(check: Check) -> str:
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT_S):
                return await check()
        except TimeoutError:
            return f"no answer within {_CHECK_TIMEOUT_S:g} s"

    said = await asyncio.gather(*(ask(check) for check in asked.values()))
    return {name: reason for name, reason in zip(asked, said, strict=True) if reason}


@asynccontextmanager
async def serving(routes: list[web.RouteDef], host: str, port: int) -> AsyncGenerator[int]:
    """Serve *routes* while the block runs; yields the port, which the system picks when *port* is 0."""
    app = web.Application()
    app.add_routes(routes)
    async with serving_app(app, host, port) as bound:
        yield bound


@asynccontextmanager
async def serving_app(app: web.Application, host: str, port: int) -> AsyncGenerator[int]:
    """Serve *app* while the block runs; yields the port it is bound to."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
