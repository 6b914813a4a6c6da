"""
``python -m tests.integration.egress_netns.studio``: the studio's machine, obeying lines on standard input.

Postgres, NATS, the orchestrator and the renderer run here, on loopback; NATS is to be had for the tunnel on
the address towards it as well. Each line is a JSON array, each is answered by one line.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from services.devstack.ports import free_port
from services.devstack.process import leash
from tests.integration.egress_netns.namespaces import Lab
from tests.integration.orchestrator.studio import Studio, open_studio, speaker
from tests.servers import nats_server, postgres_server

NATS_PORT = 4222
TUNNEL_PORT = 9080
BACKEND_PORT = 8188
INTERVAL_S = 3


async def main() -> None:
    """Serve until standard input ends."""
    with postgres_server() as postgres, nats_server() as nats, tempfile.TemporaryDirectory() as folder:
        database_url = await postgres.borrow_database()
        inside = nats.url.rpartition("@")[2]
        relay = await asyncio.start_server(
            lambda reader, writer: _relayed(inside, reader, writer), Lab.to_tunnel, NATS_PORT
        )
        tunnel_nats = nats.urls["tunnel"].replace(inside, f"{Lab.to_tunnel}:{NATS_PORT}")
        async with relay, open_studio(database_url, nats.url, mode="anon") as studio:
            _say(tunnel_nats)
            renderer = await _renderer(nats.urls["renderer"], Path(folder))
            try:
                await _obey(studio)
            finally:
                renderer.terminate()
                await renderer.wait()


async def _renderer(nats_url: str, folder: Path) -> asyncio.subprocess.Process:
    (folder / "key").write_text(base64.b64encode(b"k" * 32).decode())
    (folder / "key").chmod(0o600)
    environ = {
        "PATH": os.environ["PATH"],
        "NATS_URL": nats_url,
        "DARKROOM_KEY_FILE": str(folder / "key"),
        "DARKROOM_BACKENDS": "gpu=",
        "DARKROOM_TUNNEL": "anon",
        "DARKROOM_CANARY": f"{Lab.backend_address}:{BACKEND_PORT}",
        "EGRESS_CHECK_INTERVAL_S": str(INTERVAL_S),
        "TUNNEL_URL": f"http://{Lab.tunnel_door}:{TUNNEL_PORT}",
        "HEALTH_PORT": str(free_port()),
    }
    log = sys.stderr.fileno()
    return await asyncio.create_subprocess_exec(
        *(*leash(signal.SIGKILL), sys.executable, "-m", "services.renderer"),
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
    )


async def _obey(studio: Studio) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, *words = json.loads(line)
        if command == "ask":
            first, count = words
            jobs = [await studio.ask_picture(speaker(number)) for number in range(first, first + count)]
            _say([str(job) for job in jobs])
        else:
            _say(await studio.fetchval(command, *words))


async def _relayed(inside: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    host, _, port = inside.rpartition(":")
    there, back = await asyncio.open_connection(host, int(port))
    await asyncio.gather(_copied(reader, back), _copied(there, writer))


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


def _say(what: Any) -> None:
    sys.__stdout__.write(json.dumps(what) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    _out, sys.stdout = sys.stdout, sys.stderr  # the orchestrator's log
    asyncio.run(main())
