"""What measurements come to."""

from __future__ import annotations

import random

import pytest

from services.cli.bench.bare_client import Prompt, with_values
from services.cli.bench.idle import Idle, Setting
from services.cli.bench.intervals import Idleness
from services.cli.bench.machine import this_machine
from services.cli.bench.observer import STAGES, Moments
from services.cli.bench.overhead import Overhead, Stage
from services.cli.bench.overhead_command import outcome, verdicts
from services.cli.bench.report import Report, idle_verdict, lines, overhead_verdict
from services.cli.bench.sample import Difference, difference, summary
from services.cli.finding import Verdict
from services.cli.outcome import Outcome

WAY = Moments(
    said_s=10.0,
    command_s=10.1,
    order_s=10.3,
    queued_s=10.6,
    rendered_s=11.0,
    fact_s=11.5,
    entry_s=12.1,
    shown_s=12.8,
    fetched_s=13.6,
)


def added(low_ms: float, high_ms: float) -> Overhead:
    """A measurement with that interval."""
    same = summary([0.05, 0.06])
    nothing = difference([0.1, 0.2], [0.1, 0.2], choose=random.Random(1).choice)
    return Overhead(
        pairs=2,
        text="/f a",
        bare=same,
        job=same,
        page=same,
        added=Difference(median_ms=(low_ms + high_ms) / 2, low_ms=low_ms, high_ms=high_ms),
        added_page=nothing,
        noise=nothing,
        stages=tuple(Stage(name=name, took=same) for name in STAGES),
        cpu_ms={"orchestrator": 12.0},
        bare_bytes=1000,
    )


def idle(staged: float, unstaged: float) -> Idle:
    """A measurement with those shares, each way twice, of which the other was better."""

    def once(share: float) -> Idleness:
        return Idleness(share=share, longest_gap_s=0.1, total_s=40.0, executions=20)

    setting = Setting(round_trip_s=0.3, render_s=1.8, jobs=20, rounds=2)
    return Idle(
        setting=setting,
        render_s=1.8,
        staged=(once(0.0), once(staged)),
        unstaged=(once(unstaged), once(0.9)),
    )


@pytest.mark.parametrize(
    ("low_ms", "high_ms", "expected"),
    [(3, 14.9, "holds"), (15, 20, "fails"), (14, 16, "unknown")],
)
def test_added_time_is_judged_by_its_interval(low_ms: float, high_ms: float, expected: Verdict) -> None:
    """What lies on both sides of the target can't be told."""
    assert expected == overhead_verdict(added(low_ms, high_ms))


@pytest.mark.parametrize(
    ("staged", "unstaged", "expected"),
    [(0.019, 0.3, "holds"), (0.02, 0.3, "fails"), (0.001, 0.15, "unknown")],
)
def test_idle_share_is_judged_against_its_control(staged: float, unstaged: float, expected: Verdict) -> None:
    """The worst with staging counts; where a GPU is busy without it too, nothing is shown."""
    assert expected == idle_verdict(idle(staged, unstaged))


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"overhead": added(1, 2), "idle": idle(0.001, 0.3)}, Outcome.HOLDS),
        ({"overhead": added(14, 16), "idle": idle(0.001, 0.3)}, Outcome.COULD_NOT_TELL),
        ({"overhead": added(14, 16), "idle": idle(0.1, 0.3)}, Outcome.DOES_NOT_HOLD),
        ({"idle": idle(0.001, 0.3)}, Outcome.HOLDS),
    ],
)
def test_exit_code_is_the_worst_verdict(report: dict[str, Overhead | Idle], expected: Outcome) -> None:
    """What was not measured does not count."""
    found = verdicts(Report(machine=this_machine(), simulated=True, **report))  # type: ignore[arg-type]

    assert expected == outcome(found)


def test_words_name_every_number() -> None:
    """Both parts, the stages, the targets and the verdicts are in them."""
    report = Report(machine=this_machine(), simulated=True, overhead=added(1, 2), idle=idle(0.001, 0.3))
    words = "\n".join(lines(report))

    assert [] == [name for name in STAGES if name not in words]
    assert "0.10%" in words
    assert 2 == words.count("It holds.")


def test_stages_add_up_to_the_whole_way() -> None:
    """Nothing of it is left out, and nothing is in two."""
    stages = WAY.stages()

    assert len(STAGES) == len(stages)
    assert pytest.approx(WAY.page_s) == sum(stages)
    assert pytest.approx(WAY.job_s) == sum(stages[1:-1])


def test_the_bare_client_renders_the_same_with_another_seed() -> None:
    """Wherever the seed stands, and saves it under a name of its own; the rest is left alone."""
    graph = {
        "a": {"class_type": "KSampler", "inputs": {"seed": 77, "steps": 4, "model": ["b", 0]}},
        "b": {"class_type": "SaveImage", "inputs": {"filename_prefix": "darkroom-1", "images": ["a", 0]}},
    }
    changed = with_values(Prompt(graph=graph, extra={"preview_method": "auto"}), 77, 88, "bare-88")

    assert {"seed": 88, "steps": 4, "model": ["b", 0]} == changed.graph["a"]["inputs"]
    assert {"filename_prefix": "bare-88", "images": ["a", 0]} == changed.graph["b"]["inputs"]
    assert {"preview_method": "auto"} == changed.extra
    assert 77 == graph["a"]["inputs"]["seed"]
