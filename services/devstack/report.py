"""What the supervisor tells about a program, for a person to read or a test to count."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["starting", "waiting", "ready", "restarting", "stopped", "killed", "note"]


class Report(Struct, frozen=True, kw_only=True):
    """
    A program has come to another state.

    Attributes:
        program: Its name.
        state: Where it is now. ``killed``: it did not end within its grace.
            ``note``: something the person should know, and no change.
        detail: What it waits for, or why it is restarted; empty when there is nothing to say.
        seconds: Since it was started this time.
    """

    program: str
    state: State
    detail: str = ""
    seconds: float = 0.0
