"""``darkroom bench tunnel``, from what was asked for to what it comes to."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from services.cli.bench import tunnel
from services.cli.bench.machine import this_machine
from services.cli.bench.overhead_command import outcome
from services.cli.bench.own_tunnel import own_tunnel
from services.cli.bench.tunnel_report import lines, verdicts
from services.cli.bench.tunnel_ways import ways
from services.cli.outcome import Outcome, complain, print_json
from services.cli.terminal import Terminal, passing_still
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack import run_record
from services.tunnel.backends import Backend


class Wanted(Struct, frozen=True, kw_only=True):
    """
    What is to be measured.

    Attributes:
        backend: A hidden service.
        direct_url: Where the same ComfyUI is without a tunnel; empty where it can't be reached so.
        tunnel_url: A tunnel that runs; empty for that of the stack on *home*, or else one of its own.
        home: Data directory.
        rounds: How many.
        size_mib: Of the file.
        seed: Of everything that is drawn.
    """

    backend: Backend
    direct_url: str
    tunnel_url: str
    home: Path
    rounds: int
    size_mib: int
    seed: int


async def run(wanted: Wanted, environ: Mapping[str, str], terminal: Terminal, *, as_json: bool) -> Outcome:
    """Measure and print."""
    main = asyncio.current_task()
    if main is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    machine = this_machine()
    try:
        with passing_still(terminal) as watcher:
            found = await _measured(wanted, environ, watcher.progress)
    except (ConfigError, RejectedError, UnavailableError) as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.COULD_NOT_TELL
    except asyncio.CancelledError:
        complain("Stopped before the end: nothing can be told.", as_json=as_json)
        return Outcome.COULD_NOT_TELL
    said = verdicts(found)
    if as_json:
        report = {"machine": machine, "tunnel": found}
        print_json({"ok": outcome(said) is Outcome.HOLDS, "verdicts": said, "report": report})
    else:
        print("\n".join(lines(found, machine)))
    return outcome(said)


async def _measured(
    wanted: Wanted, environ: Mapping[str, str], on_progress: Callable[[str], None]
) -> tunnel.Tunnel:
    rng = random.Random(wanted.seed)  # noqa: S311 - what is drawn has to be drawn again
    async with _tunnel(wanted, environ, on_progress) as url:
        found = await ways(url, wanted.backend, wanted.direct_url)
        return await tunnel.measure(found, wanted.rounds, wanted.size_mib, rng, on_progress)


@asynccontextmanager
async def _tunnel(
    wanted: Wanted, environ: Mapping[str, str], on_progress: Callable[[str], None]
) -> AsyncGenerator[str]:
    record = run_record.running(wanted.home)
    if wanted.tunnel_url or record is not None:
        yield wanted.tunnel_url or (record.tunnel_url if record else "")
        return
    backend = f"{wanted.backend.name}={wanted.backend.origin}"
    async with own_tunnel(environ, wanted.home, backend, on_progress) as url:
        yield url
