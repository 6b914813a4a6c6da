"""Where the time of one picture went, from when its entry was seen in which status. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# What a person waits for while an entry stands at a status.
_WAITS_FOR = {
    "sent": "queued",
    "queued": "queued",
    "preparing": "preparing",
    "running": "rendering",
    "cancelling": "rendering",
}
PHASES: tuple[str, ...] = ("start-up", "queued", "preparing", "rendering", "delivering")


def time_spent(marks: Sequence[tuple[str, float]], *, startup_s: float, saved_at: float) -> dict[str, float]:
    """
    Seconds by phase, in the order of ``PHASES``.

    Args:
        marks: Status and when it was first seen, in seconds of one clock, oldest first; the first is
            ``sent``, the last says that the picture is done.
        startup_s: How long the stack took to start, 0 when it was running.
        saved_at: When the picture was on the disk, by the same clock.
    """
    spent = dict.fromkeys(PHASES, 0.0)
    spent["start-up"] = startup_s
    for (status, since), (_, until) in pairwise(marks):
        spent[_WAITS_FOR[status]] += until - since
    spent["delivering"] = saved_at - marks[-1][1]
    return spent
