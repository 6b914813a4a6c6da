"""What else runs while something is timed, and what it costs."""

from __future__ import annotations

import gc
import os

from services.cli.bench.cpu import Cpu
from services.cli.bench.undisturbed import undisturbed
from services.devstack.run_record import Running


def test_collector_runs_only_when_it_is_told_to() -> None:
    """And by itself again afterwards, looking through what was there before as well."""
    was, frozen = gc.isenabled(), gc.get_freeze_count()
    with undisturbed() as collect:
        cycle: list[object] = []
        cycle.append(cycle)
        del cycle
        within = gc.isenabled(), gc.get_freeze_count() > frozen
        found = collect()

    assert (True, 0) == (was, gc.get_freeze_count() - frozen)
    assert (False, True) == within
    assert found >= 1
    assert gc.isenabled()


def test_processor_time_counts_for_what_was_done_meanwhile() -> None:
    """On average over the times that was done; what never was took nothing."""
    running = Running(pid=os.getpid(), created_at=0.0, health_port=0, stop_signal=15)
    cpu = Cpu({"bench": running})
    for doing in ("work", "rest", "work"):
        cpu.look(doing)
        if doing == "work":
            _burn(0.05)
    cpu.look()

    assert 40 < cpu.each_time_ms("work")["bench"] < 200
    assert cpu.each_time_ms("rest")["bench"] < 40
    assert {} == cpu.each_time_ms("nothing")


def _burn(seconds: float) -> None:
    until_s = os.times().user + seconds
    while os.times().user < until_s:
        sum(range(1000))
