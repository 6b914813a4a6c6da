"""A Darkroom of the measurement's own, in a folder that goes away with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from services.devstack import data_dir, run_record, stack
from services.devstack.ports import free_port
from services.devstack.report import Report
from services.devstack.run_record import RunRecord

# A deployment's own servers, people and channels are not to be measured, nor to be disturbed.
_NOT_OURS = (
    *("DATABASE_URL", "NATS_URL", "DARKROOM_KEY_FILE", "DARKROOM_SIMULATOR_ARGS", "DARKROOM_STAGED_JOBS"),
    *("TELEGRAM_TOKEN", "DARKROOM_TUNNEL", "DARKROOM_WEB_HOSTS"),
)


@asynccontextmanager
async def own_stack(
    environ: Mapping[str, str],
    report: Callable[[Report], None],
    *,
    backends: Mapping[str, str],
    settings: Mapping[str, str],
) -> AsyncGenerator[RunRecord]:
    """
    A whole stack while the block runs: what ``up`` starts, durable like that.

    Args:
        environ: The operator's environment; what names their own deployment is left out.
        report: Told what starts and stops.
        backends: Address by name; empty for the simulator.
        settings: More of the environment.

    Raises:
        ConfigError, ProgramFailedError: It does not start.
    """
    names = set(_NOT_OURS) | {f"{name}_FILE" for name in _NOT_OURS}
    own = {name: value for name, value in environ.items() if name not in names} | dict(settings)
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        data_dir.make(home)  # before Postgres's own user has to get there
        options = stack.Options(home=home, web_port=free_port(), backends=dict(backends), environ=own)
        async with stack.running(options, report) as running:
            await running.until_ready()
            yield run_record.read(home) or running.record  # that one knows the processes
