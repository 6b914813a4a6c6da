"""What the supervisor can start: a command with its environment, and how to tell that it is ready."""

from __future__ import annotations

import signal
from pathlib import Path

from msgspec import Struct

from services.common.health import Check


class SystemUser(Struct, frozen=True, kw_only=True):
    """A user of the operating system that a program runs as."""

    name: str
    uid: int
    gid: int


class Program(Struct, frozen=True, kw_only=True):
    """
    One program of the stack.

    Attributes:
        name: Shown to people, and the name of its log.
        argv: Command line; the first is an absolute path.
        environ: The whole environment: nothing is inherited.
        cwd: Where it runs.
        ready: Says what is missing, or the empty string once it can be used.
        needs: Names of the programs that are ready before this one starts, and stop after it.
        health_port: Port of its ``/readyz``; 0 when it has none.
        user: Who it runs as; ``None`` for who starts it.
        stop_signal: Asks it to end.
        orphan_signal: What the kernel sends it when the supervisor has died without a word.
        grace_s: How long it may take to end before it is killed.
    """

    name: str
    argv: tuple[str, ...]
    environ: dict[str, str]
    cwd: Path
    ready: Check
    needs: tuple[str, ...] = ()
    health_port: int = 0
    user: SystemUser | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 10.0
