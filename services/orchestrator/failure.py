"""
What each code of a failed attempt says of its backend, and of the attempt. Pure; the one table of it.

A fault opens the backend's circuit breaker after some more of them. What words, a picture or a workflow
may have brought about is none: else nobody could render because of one person's graph.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Fault = Literal["none", "once", "always"]
"""``once``: the job itself may be to blame, so however often it fails on a backend it counts once there."""


class Traits(Struct, frozen=True, kw_only=True):
    """
    What a code says.

    Attributes:
        fault: Whether the backend is to blame.
        is_elsewhere_better: The job goes to another backend next, if there is one.
        is_loose: Nobody saw the attempt end: it may come to run yet, and has to be stopped.
    """

    fault: Fault = "none"
    is_elsewhere_better: bool = True
    is_loose: bool = False


_TRAITS = {
    "backend-unreachable": Traits(fault="always", is_loose=True),
    "backend-answer": Traits(fault="always", is_loose=True),
    "backend-wedged": Traits(fault="always", is_loose=True),
    "gpu-failed": Traits(fault="always"),
    "render-timeout": Traits(fault="once", is_loose=True),
    "renderer-failed": Traits(is_loose=True),
    "backend-lost-job": Traits(fault="once"),
    "no-output": Traits(fault="once"),
    "unreadable-output": Traits(fault="once"),
    # It was made, and lost in our own store; someone stopped it; the upload went and is made again.
    "media-missing": Traits(is_elsewhere_better=False),
    "interrupted-elsewhere": Traits(is_elsewhere_better=False),
    "input-gone": Traits(is_elsewhere_better=False),
}
_OTHER = Traits()


def traits(code: str) -> Traits:
    """Of a code. By default the backend did what it could, and the attempt has ended."""
    return _TRAITS.get(code, _OTHER)
