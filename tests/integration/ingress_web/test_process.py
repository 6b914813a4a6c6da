"""The web chat as a process: started, signalled, misconfigured."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from services.common.keys import Keyring
from services.devstack.ports import free_port
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, png
from tests.servers import NatsServer, eventually

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(**environ: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """``python -m services.ingress web``; killed if it is still there at the end."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ingress", "web",
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environ}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def test_it_serves_and_ends_on_sigterm(
    nats: NatsServer, orchestrator: FakeOrchestrator, key_file: Path, keyring: Keyring
) -> None:
    """On its own event loop, with a page open: message, picture, stream; then gone, with exit code 0."""
    port, health_port = free_port(), free_port()
    async with process(
        NATS_URL=nats.urls["ingress-web"],
        DARKROOM_KEY_FILE=str(key_file),
        DARKROOM_WEB_PORT=str(port),
        HEALTH_PORT=str(health_port),
    ) as started:
        health = Visit(f"http://127.0.0.1:{health_port}", keyring)

        async def ready() -> bool:
            try:
                return (await health.get("/readyz")).status == 200
            except OSError:
                return False

        await eventually(ready)
        visit = Visit(f"http://127.0.0.1:{port}", keyring)
        await visit.get("/")
        async with visit.events() as stream:
            await stream.until("history")
            said = await visit.say("/qwen a hat", png())
            await orchestrator.show(orchestrator.entry(visit.session_id))
            await stream.until("entry")
            started.send_signal(signal.SIGTERM)
            end = await stream.next()
        async with asyncio.timeout(5):
            code = await started.wait()
        await visit.http.close()
        await health.http.close()

    assert 202 == said.status
    assert end is None
    assert 0 == code


async def test_it_ends_on_sigterm_before_nats_was_there(key_file: Path) -> None:
    """Waiting for NATS is no reason to be deaf."""
    async with process(
        NATS_URL=f"nats://127.0.0.1:{free_port()}",
        DARKROOM_KEY_FILE=str(key_file),
        DARKROOM_WEB_PORT=str(free_port()),
        HEALTH_PORT=str(free_port()),
    ) as started:
        assert started.stderr is not None
        async with asyncio.timeout(10):
            while b"serving" not in await started.stderr.readline():
                pass
        started.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            code = await started.wait()

    assert 0 == code


async def test_a_taken_port_is_named(key_file: Path) -> None:
    """One sentence with the variable, and the exit code for a wrong setting."""
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with process(
        NATS_URL="nats://127.0.0.1:1",
        DARKROOM_KEY_FILE=str(key_file),
        DARKROOM_WEB_PORT=str(port),
        HEALTH_PORT=str(free_port()),
    ) as started:
        _, said = await started.communicate()
    taken.close()
    await taken.wait_closed()

    assert 78 == started.returncode
    assert b"DARKROOM_WEB_PORT" in said
