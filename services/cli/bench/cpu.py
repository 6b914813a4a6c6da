"""How much of the processors a stack's programs take, which a busy machine changes less than the time."""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from services.devstack.run_record import Running


class Cpu:
    """
    Adds up what programs take while it is told to look.

    Args:
        processes: By program; their children count as theirs.
    """

    def __init__(self, processes: Mapping[str, Running]) -> None:
        self._pids = {name: running.pid for name, running in processes.items()}
        self._before: dict[str, float] = {}
        self._taken = dict.fromkeys(self._pids, 0.0)
        self._times = 0

    def start(self) -> None:
        """Look from now on."""
        self._before = self._now()

    def stop(self) -> None:
        """Look no more; that was once."""
        for name, seconds in self._now().items():
            self._taken[name] += max(0.0, seconds - self._before.get(name, seconds))
        self._times += 1

    def each_time_ms(self) -> dict[str, float]:
        """By program, milliseconds of a processor each time, on average; nothing when it never looked."""
        return {
            name: round(taken * 1000 / self._times, 2) for name, taken in self._taken.items() if self._times
        }

    def _now(self) -> dict[str, float]:
        return {name: _seconds(pid) for name, pid in self._pids.items()}


def _seconds(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)
    except psutil.Error:
        return 0.0  # it was started again: that round counts for nothing
