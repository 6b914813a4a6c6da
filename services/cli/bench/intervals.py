"""How much of a stretch of time a GPU did nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Span(Struct, frozen=True, kw_only=True):
    """From the start of an execution to its end, in seconds on one clock."""

    began_s: float
    ended_s: float


class Idleness(Struct, frozen=True, kw_only=True):
    """
    Between the first start and the last end.

    Attributes:
        share: Of the time, how much no execution ran; 0 to 1.
        longest_gap_s: The longest time at a stretch.
        total_s: From the first start to the last end.
        executions: How many there were.
    """

    share: float
    longest_gap_s: float
    total_s: float
    executions: int


def idleness(spans: Iterable[Span]) -> Idleness:
    """
    What lies between *spans*, in whatever order they come; overlapping ones count once.

    Raises:
        ValueError: There are no spans, or they take no time.
    """
    ordered = sorted(spans, key=lambda span: span.began_s)
    if not ordered:
        raise ValueError("nothing was executed")
    busy_until = ordered[0].began_s
    gaps: list[float] = []
    for span in ordered:
        gaps.append(max(0.0, span.began_s - busy_until))
        busy_until = max(busy_until, span.ended_s)
    total_s = busy_until - ordered[0].began_s
    if total_s <= 0:
        raise ValueError("the executions took no time")
    return Idleness(
        share=sum(gaps) / total_s, longest_gap_s=max(gaps), total_s=total_s, executions=len(ordered)
    )
