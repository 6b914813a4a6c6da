"""What a measurement comes to, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.cli.bench.idle import PEOPLE, TARGET_UNSTAGED, Idle
from services.cli.bench.intervals import Idleness
from services.cli.bench.machine import Machine
from services.cli.bench.overhead import Overhead
from services.cli.bench.sample import Difference
from services.cli.finding import Verdict


class Report(Struct, frozen=True, kw_only=True):
    """
    All that was measured in one run.

    Attributes:
        machine: On what.
        simulated: The backend of ``overhead`` was the simulator.
        overhead: What Darkroom adds; nothing when it was not asked for.
        idle: How idle a far GPU is; likewise.
    """

    machine: Machine
    simulated: bool
    overhead: Overhead | None = None
    idle: Idle | None = None


def overhead_verdict(overhead: Overhead) -> Verdict:
    """Whether the target holds; it can't be told while the interval is on both sides of it."""
    if overhead.added.high_ms < overhead.target_ms:
        return "holds"
    return "fails" if overhead.added.low_ms >= overhead.target_ms else "unknown"


def idle_verdict(idle: Idle) -> Verdict:
    """Whether the target holds; it can't be told where staging would make no difference."""
    if idle.unstaged_share <= TARGET_UNSTAGED:
        return "unknown"
    return "holds" if idle.staged_share < idle.target_share else "fails"


def lines(report: Report) -> Iterator[str]:
    """The report in words."""
    machine = report.machine
    yield f"{machine.cores} cores, {machine.cpu or 'unknown processor'}, load {machine.load:g} at the start"
    if report.overhead is not None:
        yield from _overhead_lines(report.overhead, simulated=report.simulated)
    if report.idle is not None:
        yield from _idle_lines(report.idle)


def _overhead_lines(overhead: Overhead, *, simulated: bool) -> Iterator[str]:
    where = "the simulator" if simulated else "your ComfyUI"
    yield ""
    yield f"What Darkroom adds to {overhead.text!r} on {where}, {overhead.pairs} pairs in random order:"
    for name, took in (
        ("bare client, POST /prompt to bytes", overhead.bare),
        ("Darkroom, command to outcome shown", overhead.job),
        ("Darkroom, said at the page to bytes", overhead.page),
    ):
        yield f"  {name:<38}{took.median_ms:8.1f} ms   p90 {took.p90_ms:.1f}"
    yield f"  {'added to the job':<38}{_difference(overhead.added)}"
    yield f"  {'added at the page':<38}{_difference(overhead.added_page)}"
    yield f"  {'noise (bare client against itself)':<38}{_difference(overhead.noise)}"
    yield "  Where it goes, medians:"
    for stage in overhead.stages:
        yield f"    {stage.name:<36}{stage.took.median_ms:8.1f} ms   p90 {stage.took.p90_ms:.1f}"
    taken = sorted(overhead.cpu_ms.items(), key=lambda item: -item[1])
    yield f"  Processor time of a job: {', '.join(f'{name} {ms:.0f} ms' for name, ms in taken)}"
    words = _WORDS[overhead_verdict(overhead)]
    yield f"  Target: less than {overhead.target_ms:g} ms added to the job. {words}"


def _idle_lines(idle: Idle) -> Iterator[str]:
    setting = idle.setting
    yield ""
    yield (
        f"How long a GPU {setting.round_trip_s * 1000:g} ms away idles, {setting.jobs} renders of "
        f"{idle.render_s:.2f} s by {PEOPLE} people, every other batch edits with uploads:"
    )
    yield f"  {'with a staged job':<38}{_shares(idle.staged)}"
    yield f"  {'without':<38}{_shares(idle.unstaged)}"
    yield (
        f"  Target: less than {idle.target_share:.0%} with a staged job, where it is over "
        f"{TARGET_UNSTAGED:.0%} without. {_WORDS[idle_verdict(idle)]}"
    )


_WORDS: dict[Verdict, str] = {
    "holds": "It holds.",
    "fails": "It does not hold.",
    "unknown": "It can't be told from this.",
}


def _difference(found: Difference) -> str:
    return f"{found.median_ms:8.1f} ms   95 % between {found.low_ms:.1f} and {found.high_ms:.1f}"


def _shares(found: tuple[Idleness, ...]) -> str:
    longest = max(one.longest_gap_s for one in found)
    return f"{', '.join(f'{one.share:.2%}' for one in found)}   longest gap {longest * 1000:.0f} ms"
