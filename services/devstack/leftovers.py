"""Processes of a stack whose supervisor was killed and could not stop them."""

from __future__ import annotations

import signal
from contextlib import suppress

import psutil

from services.devstack.process import is_alive
from services.devstack.run_record import RunRecord

_GRACE_S = 10.0


def end(record: RunRecord) -> list[str]:
    """End what is left of *record*'s run, by force after a grace; returns the names of what was left."""
    left: dict[str, psutil.Process] = {}
    for name, running in record.processes.items():
        if is_alive(running.pid, running.created_at):
            with suppress(psutil.NoSuchProcess):
                left[name] = psutil.Process(running.pid)
                left[name].send_signal(signal.Signals(running.stop_signal))
    _, stubborn = psutil.wait_procs(left.values(), timeout=_GRACE_S)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_GRACE_S)
    return sorted(left)
