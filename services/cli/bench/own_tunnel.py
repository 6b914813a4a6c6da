"""A tunnel of the measurement's own: the service's process, as ``up`` would start it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from services.common.config import read_settings
from services.common.errors import ConfigError, UnavailableError
from services.devstack import data_dir, readiness
from services.devstack.environment import for_service
from services.devstack.log_file import LogFile
from services.devstack.ports import HOST, free_port
from services.devstack.process import Process
from services.devstack.program import Program
from services.tunnel.config import Settings

_POLL_S = 0.2
_GRACE_S = 60.0  # beside what anon is given to get into the network


@asynccontextmanager
async def own_tunnel(
    environ: Mapping[str, str], home: Path, backend: str, on_progress: Callable[[str], None]
) -> AsyncGenerator[str]:
    """
    A tunnel through the network while the block runs; yields where it listens.

    Args:
        environ: The operator's environment; ``ANON_BINARY`` and the like count.
        home: Where anon is installed, and where the tunnel keeps its keys and what it knows of the network.
        backend: ``name=url``.
        on_progress: Told what it waits for.

    Raises:
        ConfigError: It does not start; the tunnel's own sentence.
        UnavailableError: It did not get into the network.
    """
    port, health_port = free_port(), free_port()
    own = {
        "DARKROOM_TUNNEL": "anon",
        "DARKROOM_BACKENDS": backend,
        "DARKROOM_HOME": str(home),
        "TUNNEL_HOST": HOST,
        "TUNNEL_PORT": str(port),
        "HEALTH_HOST": HOST,
        "HEALTH_PORT": str(health_port),
        "LOG_LEVEL": "warning",
    }
    program = Program(
        name="tunnel",
        argv=(sys.executable, "-P", "-m", "services.tunnel"),
        environ=for_service(Settings, environ, own) | {"LOG_LEVEL": "warning"},
        cwd=home,
        ready=readiness.readyz(health_port),
        health_port=health_port,
    )
    settings = read_settings(Settings, program.environ)
    with data_dir.claimed(home):
        log = LogFile(home / "logs", "bench-tunnel")
        process = Process(program, log)
        try:
            await _until_ready(process, log, settings.anon_bootstrap_timeout_s + _GRACE_S, on_progress)
            yield f"http://{HOST}:{port}"
        finally:
            await process.stop()


async def _until_ready(
    process: Process, log: LogFile, deadline_s: float, on_progress: Callable[[str], None]
) -> None:
    missing = ""
    try:
        async with asyncio.timeout(deadline_s):
            while missing := await process.program.ready():
                if process.exit_code is not None:
                    raise ConfigError(log.last_sentence())
                on_progress(missing)
                await asyncio.sleep(_POLL_S)
    except TimeoutError as exc:
        raise UnavailableError(f"The tunnel did not get ready: {missing}.") from exc
