"""``darkroom bench overhead``, from what was asked for to what it comes to."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from services.cli.bench import idle, overhead
from services.cli.bench.machine import this_machine
from services.cli.bench.own_stack import own_stack
from services.cli.bench.report import Report, idle_verdict, lines, overhead_verdict
from services.cli.finding import Verdict
from services.cli.outcome import Outcome, complain, print_json
from services.cli.startup_lines import StartupLines
from services.cli.terminal import Passing, Terminal, passing_still
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack.errors import ProgramFailedError

_FAST_STEPS = "--step-s 0.01"
"""A render that takes no longer than it must: what is added does not depend on it."""


class Wanted(Struct, frozen=True, kw_only=True):
    """
    What is to be measured.

    Attributes:
        pairs: 0 for not measuring what is added.
        text: What to ask for.
        backends: Address by name; empty for the simulator.
        round_trip_s: To the GPU far away.
        render_s: What a render takes on it.
        jobs: How many are in line for it.
        rounds: 0 for not measuring how idle it is.
        seed: Of everything that is drawn.
    """

    pairs: int
    text: str
    backends: dict[str, str]
    round_trip_s: float
    render_s: float
    jobs: int
    rounds: int
    seed: int


async def run(wanted: Wanted, environ: Mapping[str, str], terminal: Terminal, *, as_json: bool) -> Outcome:
    """Measure and print."""
    main = asyncio.current_task()
    if main is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    try:
        with passing_still(terminal) as watcher:
            report = await _measured(wanted, environ, StartupLines(terminal), watcher)
    except (ConfigError, ProgramFailedError, RejectedError, UnavailableError) as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.COULD_NOT_TELL
    except asyncio.CancelledError:
        complain("Stopped before the end: nothing can be told.", as_json=as_json)
        return Outcome.COULD_NOT_TELL
    found = verdicts(report)
    if as_json:
        print_json({"ok": outcome(found) is Outcome.HOLDS, "verdicts": found, "report": report})
    else:
        print("\n".join(lines(report)))
    return outcome(found)


def verdicts(report: Report) -> dict[str, Verdict]:
    """By what was measured, whether its target holds."""
    found: dict[str, Verdict] = {}
    if report.overhead is not None:
        found["added"] = overhead_verdict(report.overhead)
    if report.idle is not None:
        found["idle"] = idle_verdict(report.idle)
    return found


def outcome(found: Mapping[str, Verdict]) -> Outcome:
    """One that fails outweighs one that can't be told."""
    if "fails" in found.values():
        return Outcome.DOES_NOT_HOLD
    return Outcome.COULD_NOT_TELL if "unknown" in found.values() else Outcome.HOLDS


async def _measured(
    wanted: Wanted, environ: Mapping[str, str], startup: StartupLines, watcher: Passing
) -> Report:
    rng = random.Random(wanted.seed)  # noqa: S311 - what is drawn has to be drawn again
    report = Report(machine=this_machine(), simulated=not wanted.backends)
    if wanted.pairs:
        watcher.step("starting a stack of its own")
        settings = {} if wanted.backends else {"DARKROOM_SIMULATOR_ARGS": _FAST_STEPS}
        async with own_stack(environ, startup.show, backends=wanted.backends, settings=settings) as record:
            added = await overhead.measure(record, wanted.text, wanted.pairs, rng, watcher.progress)
        report = replace(report, overhead=added)
    if wanted.rounds:
        setting = idle.Setting(
            round_trip_s=wanted.round_trip_s,
            render_s=wanted.render_s,
            jobs=wanted.jobs,
            rounds=wanted.rounds,
        )
        found = await idle.measure(setting, environ, startup.show, rng, watcher.step)
        report = replace(report, idle=found)
    return report
