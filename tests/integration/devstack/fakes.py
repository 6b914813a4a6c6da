"""Tiny programs for the supervisor, and a supervisor of them to be killed."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from services.devstack.program import Program
from services.devstack.supervisor import supervising

# Writes its name when it starts and when it is asked to end; ready is a file of its name.
_STEADY = """
import pathlib, signal, sys, time
folder, name, start_s = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
def note(word):
    with (folder / "story").open("a") as story:
        story.write(f"{word} {name}\\n")
def end(*_):
    note("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("starts")
time.sleep(start_s)
(folder / f"{name}.ready").touch()
while True:
    time.sleep(0.05)
"""

_DEAF = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1], "child").write_text(str(child.pid))
pathlib.Path(sys.argv[1], sys.argv[2] + ".ready").touch()
time.sleep(600)
"""


_SCATTERED = _DEAF.replace('600)"])', '600)"], start_new_session=True)')


def steady(folder: Path, name: str, *, needs: Sequence[str] = (), start_s: float = 0.0) -> Program:
    """Runs until it is asked to end; ready *start_s* after it started."""
    return scripted(folder, name, _STEADY, str(start_s), needs=needs)


def deaf(folder: Path, name: str) -> Program:
    """Does not listen to SIGTERM, and has a child of its own, whose id it writes to ``child``."""
    return scripted(folder, name, _DEAF)


def scattered(folder: Path, name: str) -> Program:
    """Like ``deaf``, but its child is in a group of its own, as Postgres's are."""
    return scripted(folder, name, _SCATTERED)


def scripted(folder: Path, name: str, script: str, *arguments: str, needs: Sequence[str] = ()) -> Program:
    """Runs *script* with the folder, its name and *arguments*."""

    async def ready() -> str:
        return "" if (folder / f"{name}.ready").exists() else "not yet"

    return Program(
        name=name,
        argv=(sys.executable, "-I", "-S", "-c", script, str(folder), name, *arguments),
        environ={},
        cwd=folder,
        ready=ready,
        needs=tuple(needs),
        grace_s=0.5,
    )


async def _supervise(folder: Path) -> None:
    """Supervise two programs for ever, and print their process ids once they are ready."""
    programs = [steady(folder, "one"), steady(folder, "two", needs=["one"])]
    async with supervising(programs, folder, lambda _: None) as supervisor:
        await supervisor.until_ready()
        print(*(pid for pid, _ in supervisor.pids.values()), flush=True)  # noqa: T201 - for the test
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(_supervise(Path(sys.argv[1])))
