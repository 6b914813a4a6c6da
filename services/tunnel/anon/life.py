"""
The life of an anon: what each observation makes of it. Pure.

Only ``up`` carries anything. Everything else, however short, refuses at once.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

Phase = Literal["starting", "bootstrapping", "up", "down", "stopped"]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""After having been up for so long, an end counts as the first again."""

# Reasons: stable, for machines; `WORDS` is for people.
STARTING = "starting"
BOOTSTRAPPING = "bootstrapping"
CRASHED = "crashed"
NOT_ACCEPTED = "not-accepted"
CONTROL_LOST = "control-lost"
BOOTSTRAP_TIMEOUT = "bootstrap-timeout"
NO_CIRCUIT = "no-circuit"
STOPPED = "stopped"

WORDS = {
    STARTING: "anon is starting",
    BOOTSTRAPPING: "anon is connecting to the network",
    CRASHED: "anon ended unasked, and is started again",
    NOT_ACCEPTED: "anon did not accept its configuration (anonrc), and aborted without saying why",
    CONTROL_LOST: "anon does not answer on its control port, and is started again",
    BOOTSTRAP_TIMEOUT: "anon did not get into the network in time, and is started again",
    NO_CIRCUIT: "anon has lost its way into the network, and looks for another",
    STOPPED: "the tunnel has stopped",
}


class Life(Struct, frozen=True, kw_only=True):
    """
    How it stands.

    Attributes:
        phase: Only ``up`` carries anything.
        percent: How far this process has got into the network, 0 to 100.
        summary: The same in anon's words.
        reason: A code that says why it is not up; empty when it is.
        generation: Grows with every process and every new identity: what was built before is gone, or is no
            longer wanted.
    """

    phase: Phase = "starting"
    percent: int = 0
    summary: str = ""
    reason: str = STARTING
    generation: int = 0

    @property
    def words(self) -> str:
        """Why it is not up, for people; empty when it is."""
        said = WORDS.get(self.reason, self.reason)
        if self.phase == "bootstrapping" or self.reason == BOOTSTRAP_TIMEOUT:
            return f"{said} ({self.percent} %: {self.summary or 'no word yet'})"
        return said


def started(life: Life) -> Life:
    """A new process runs."""
    if life.phase == "stopped":
        return life
    return Life(generation=life.generation + 1)


def observed(life: Life, percent: int, summary: str, *, has_circuit: bool) -> Life:
    """
    The control port said how far it is.

    Without a circuit, 100 % are of the past: the network was lost, or the clock has jumped.
    """
    if life.phase == "stopped":
        return life
    seen = msgspec.structs.replace(life, percent=percent, summary=summary)
    if percent < 100:
        return msgspec.structs.replace(seen, phase="bootstrapping", reason=BOOTSTRAPPING)
    if not has_circuit:
        return msgspec.structs.replace(seen, phase="down", reason=NO_CIRCUIT)
    return msgspec.structs.replace(seen, phase="up", reason="")


def renewed(life: Life) -> Life:
    """It was given a new identity: what was built before is not to be used again."""
    return msgspec.structs.replace(life, generation=life.generation + 1)


def failed(life: Life, reason: str) -> Life:
    """The process ended, or is given up, for *reason*; how far it had got stays to be read."""
    if life.phase == "stopped":
        return life
    return msgspec.structs.replace(life, phase="down", reason=reason)


def stopped(life: Life) -> Life:
    """It was asked to end, and nothing starts it again."""
    return msgspec.structs.replace(life, phase="stopped", reason=STOPPED)


def pause_s(failures: int) -> float:
    """Seconds to wait before the next start after *failures* in a row, at least 1."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (failures - 1))


def failures_after(failures: int, up_s: float) -> int:
    """How many failures in a row there are after one more, by a process that was up for *up_s*."""
    return 1 if up_s >= STEADY_S else failures + 1
