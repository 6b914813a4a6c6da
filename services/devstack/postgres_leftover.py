"""A Postgres that outlived whoever started it, or the note that a dead one left."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

_FAST_S = 20.0
_IMMEDIATE_S = 5.0


def end(folder: Path) -> None:
    """
    Make *folder* free for a server to start on it.

    A server that still runs there is stopped. A ``postmaster.pid`` whose process is no Postgres of this
    folder is removed: after a reboot the number may belong to anybody, and Postgres would refuse.
    """
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    try:
        process = psutil.Process(pid)
        if process.name() == "postgres" and str(folder) in process.cmdline():
            _stop(process)
    except psutil.NoSuchProcess:
        return  # Postgres sees that for itself
    else:
        note.unlink(missing_ok=True)


def _stop(process: psutil.Process) -> None:
    for number, timeout_s in ((signal.SIGINT, _FAST_S), (signal.SIGQUIT, _IMMEDIATE_S)):
        process.send_signal(number)
        try:
            process.wait(timeout_s)
        except psutil.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()
