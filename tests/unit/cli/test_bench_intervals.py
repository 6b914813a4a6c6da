"""How idle a GPU was, from when it was busy."""

from __future__ import annotations

import pytest

from services.cli.bench.intervals import Idleness, Span, idleness


def spans(*pairs: tuple[float, float]) -> list[Span]:
    """Executions from and to."""
    return [Span(began_s=began, ended_s=ended) for began, ended in pairs]


def test_one_after_the_other_is_never_idle() -> None:
    """Where each begins as the one before ends."""
    found = idleness(spans((10, 12), (12, 15), (15, 16)))

    assert Idleness(share=0.0, longest_gap_s=0.0, total_s=6.0, executions=3) == found


def test_what_lies_between_counts_and_what_lies_around_does_not() -> None:
    """From the first start to the last end: two gaps of 1 and 2 in 12 seconds."""
    found = idleness(spans((100, 103), (104, 108), (110, 112)))

    assert Idleness(share=0.25, longest_gap_s=2.0, total_s=12.0, executions=3) == found


def test_order_does_not_matter() -> None:
    """They may come as they like."""
    assert idleness(spans((0, 2), (3, 4))) == idleness(spans((3, 4), (0, 2)))


def test_what_overlaps_counts_once() -> None:
    """Also a short one within a long one: what follows is measured from the later end."""
    found = idleness(spans((0, 10), (2, 3), (8, 11), (12, 20)))

    assert (0.05, 1.0) == (found.share, found.longest_gap_s)


def test_one_alone_is_never_idle() -> None:
    """There is nothing between it and itself."""
    assert 0.0 == idleness(spans((5, 6))).share


@pytest.mark.parametrize("none", [[], spans((1, 1))])
def test_nothing_executed_is_no_measurement(none: list[Span]) -> None:
    """It is not "never idle"."""
    with pytest.raises(ValueError, match=r"executed|no time"):
        idleness(none)
