"""The web chat as a process: started, signalled, misconfigured."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from services.common.keys import Keyring
from services.devstack.ports import free_port
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import until_ready
from tests.integration.ingress_web.running import environment, page_url
from tests.integration.ingress_web.visiting import Visit, png
from tests.servers import NatsServer, service_process


async def test_it_serves_and_ends_on_sigterm(
    nats: NatsServer, orchestrator: FakeOrchestrator, key_file: Path, keyring: Keyring
) -> None:
    """On its own event loop, with a page open: message, picture, stream; then gone, with exit code 0."""
    environ = environment(nats.urls["ingress-web"], key_file)
    async with service_process("ingress", "web", **environ) as started:
        await until_ready(environ)
        visit = Visit(page_url(environ), keyring)
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

    assert 202 == said.status
    assert end is None
    assert 0 == code


async def test_it_ends_on_sigterm_before_nats_was_there(key_file: Path) -> None:
    """Waiting for NATS is no reason to be deaf."""
    environ = environment(f"nats://127.0.0.1:{free_port()}", key_file)
    async with service_process("ingress", "web", **environ) as started:
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
    environ = environment("nats://127.0.0.1:1", key_file) | {"DARKROOM_WEB_PORT": str(port)}
    async with service_process("ingress", "web", **environ) as started:
        _, said = await started.communicate()
    taken.close()
    await taken.wait_closed()

    assert 78 == started.returncode
    assert b"DARKROOM_WEB_PORT" in said
