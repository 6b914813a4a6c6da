"""``darkroom up``: everything on this machine, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from services.cli.once import Saved, once
from services.cli.outcome import Outcome, complain, print_json
from services.cli.startup_lines import StartupLines
from services.cli.terminal import Terminal, passing
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack import run_record, stack
from services.devstack.errors import ProgramFailedError
from services.devstack.run_record import RunRecord
from services.devstack.stack import Options

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Use = Callable[[RunRecord, float], Awaitable[Outcome]]
"""What to do once it is up; told what runs and how long that took to start, in seconds."""


async def run(options: Options, *, terminal: Terminal, as_json: bool) -> Outcome:
    """Bring everything up and keep it until a signal."""

    async def stay(record: RunRecord, _: float) -> Outcome:
        if as_json:
            print_json({"url": record.url, "data": str(options.home), "simulated": record.simulated})
        else:
            print(f"Darkroom is up: {record.url}", flush=True)
        backends = (
            "the simulator: it paints placeholders, no model runs"
            if record.simulated
            else ", ".join(f"{name} at {url}" for name, url in record.backends.items())
        )
        terminal.say(
            f"  Open that address in a browser and say: /f an astronaut in a field\n"
            f"  Backend: {backends}\n  Logs:    {options.home / 'logs'}\n  Ctrl-C stops it.",
            style="dim",
        )
        await asyncio.Event().wait()
        return Outcome.HOLDS

    return await _with_stack(options, stay, stopped=Outcome.HOLDS, terminal=terminal, as_json=as_json)


async def run_once(
    options: Options, text: str, out: Path | None, *, timeout_s: float, terminal: Terminal, as_json: bool
) -> Outcome:
    """Say *text* to the stack that runs on this data directory, or to one that is started for it."""

    async def ask(record: RunRecord, startup_s: float) -> Outcome:
        with passing(terminal) as watcher:
            try:
                async with asyncio.timeout(timeout_s):
                    saved = await once(record.url, text, out, startup_s=startup_s, watcher=watcher)
            except RejectedError as exc:
                complain(str(exc), as_json=as_json)
                return Outcome.DOES_NOT_HOLD
            except (UnavailableError, TimeoutError) as exc:  # before OSError, which a TimeoutError is
                complain(str(exc) or f"No picture after {timeout_s:g} s.", as_json=as_json)
                return Outcome.COULD_NOT_TELL
            except OSError as exc:
                complain(
                    f"{exc.filename or out or 'The file'} can't be written: {exc.strerror}.", as_json=as_json
                )
                return Outcome.DOES_NOT_HOLD
        _print_saved(saved, as_json=as_json)
        return Outcome.HOLDS

    found = run_record.running(options.home)
    if found is None or not found.is_ready:
        return await _with_stack(
            options, ask, stopped=Outcome.COULD_NOT_TELL, terminal=terminal, as_json=as_json
        )
    if options.backends and options.backends != found.backends:
        complain(
            f"Darkroom already runs on {options.home}, with other backends: "
            f"{', '.join(f'{name}={url}' for name, url in found.backends.items())}. "
            f"Stop it with: kill {found.pid}; or choose another folder with --data.",
            as_json=as_json,
        )
        return Outcome.DOES_NOT_HOLD
    return await ask(found, 0.0)


async def _with_stack(
    options: Options, use: Use, *, stopped: Outcome, terminal: Terminal, as_json: bool
) -> Outcome:
    """Use a stack of our own; *stopped* is what it comes to when a signal ends it first."""
    stopping = asyncio.Event()
    main = asyncio.current_task()
    began = time.monotonic()

    def stop() -> None:
        if stopping.is_set() and main is not None:
            main.cancel()  # asked a second time: at once, then
        elif not stopping.is_set():
            terminal.say("\nStopping everything; Ctrl-C once more kills it.", style="dim")
        stopping.set()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        async with stack.running(options, StartupLines(terminal).show) as running:

            async def used() -> Outcome:
                await running.until_ready()
                return await use(running.record, time.monotonic() - began)

            done = await _first(used(), running.until_failed(), stopping)
            return stopped if done is None else done
    except (ConfigError, ProgramFailedError) as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    except asyncio.CancelledError:
        return Outcome.COULD_NOT_TELL


async def _first(
    used: Awaitable[Outcome], failed: Awaitable[None], stopping: asyncio.Event
) -> Outcome | None:
    """What came of using it, or nothing when it is told to stop first; raises what either raises."""
    using = asyncio.ensure_future(used)
    failing = asyncio.ensure_future(failed)
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({using, failing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if failing.done():
            failing.result()
        return using.result() if using.done() else None
    finally:
        for task in (using, failing, stopped):
            task.cancel()
        await asyncio.gather(using, failing, stopped, return_exceptions=True)


def _print_saved(saved: Saved, *, as_json: bool) -> None:
    if as_json:
        print_json({"ok": True, **msgspec.to_builtins(saved)})
        return
    total_s = sum(saved.seconds.values())
    print(f"Saved {', '.join(saved.files)} ({saved.size_bytes:,} bytes) after {total_s:.1f} s:")
    for phase, seconds in saved.seconds.items():
        print(f"  {phase:<11}{seconds:6.1f} s")
