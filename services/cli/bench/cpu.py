"""How much of the processors a stack's programs take, which a busy machine changes less than the time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import psutil

from services.devstack.run_record import Running


class Cpu:
    """
    Adds up what programs take, from one look to the next.

    Args:
        processes: By program; their children count as theirs.
    """

    def __init__(self, processes: Mapping[str, Running]) -> None:
        self._pids = {name: running.pid for name, running in processes.items()}
        self._before: dict[str, float] = {}
        self._doing = ""
        self._taken: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._times: Counter[str] = Counter()

    def look(self, doing: str = "") -> None:
        """What is taken from now until the next look is for *doing*. Looking itself takes milliseconds."""
        now = self._now()
        for name, seconds in now.items():
            self._taken[self._doing, name] += max(0.0, seconds - self._before.get(name, seconds))
        self._before, self._doing = now, doing
        self._times[doing] += 1

    def each_time_ms(self, doing: str) -> dict[str, float]:
        """By program, milliseconds of a processor each time, on average; nothing when that was never done."""
        times = self._times[doing]
        return {name: round(self._taken[doing, name] * 1000 / times, 2) for name in self._pids if times}

    def _now(self) -> dict[str, float]:
        return {name: _seconds(pid) for name, pid in self._pids.items()}


def _seconds(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)
    except psutil.Error:
        return 0.0  # it was started again: that round counts for nothing
