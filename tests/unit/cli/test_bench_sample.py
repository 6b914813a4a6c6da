"""What measurements say, on numbers whose answer is known."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.bench.sample import Difference, difference, in_any_order, quantile, summary

SECONDS = st.lists(st.floats(0.001, 10), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0), (1 / 3, 2.0)]
)
def test_quantile_lies_between_two_neighbours(share: float, expected: float) -> None:
    """Of 1, 2, 3, 4 in any order, in proportion to how far it is from either."""
    assert pytest.approx(expected) == quantile([3.0, 1.0, 4.0, 2.0], share)


def test_quantile_of_nothing_is_refused() -> None:
    """No measurement has no median."""
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)


def test_summary_is_in_milliseconds() -> None:
    """What is measured in seconds is told in milliseconds."""
    found = summary([0.010, 0.020, 0.030])

    assert (20.0, 28.0) == (found.median_ms, found.p90_ms)


def test_what_every_pair_takes_longer_is_found_exactly() -> None:
    """However much the pairs differ among themselves: only the partner counts."""
    rng = random.Random(1)
    bare = [rng.uniform(0.1, 5.0) for _ in range(30)]
    found = difference(bare, [seconds + 0.012 for seconds in bare], choose=rng.choice)

    assert Difference(median_ms=12.0, low_ms=12.0, high_ms=12.0) == found


def test_a_thing_against_itself_may_differ_by_nothing() -> None:
    """The interval of two samples of one kind has zero in it."""
    rng = random.Random(2)
    one, other = ([rng.gauss(1.0, 0.01) for _ in range(40)] for _ in range(2))
    found = difference(one, other, choose=rng.choice)

    assert found.low_ms < 0 < found.high_ms


def test_more_pairs_tell_more() -> None:
    """The interval gets narrower, and keeps the true value in it."""
    rng = random.Random(3)

    def width(pairs: int) -> float:
        bare = [rng.gauss(1.0, 0.02) for _ in range(pairs)]
        through = [seconds + rng.gauss(0.030, 0.010) for seconds in bare]
        found = difference(bare, through, choose=rng.choice)
        assert found.low_ms < 30 < found.high_ms
        return found.high_ms - found.low_ms

    assert width(200) < width(10)


def test_half_a_pair_is_refused() -> None:
    """What has no partner is not compared with another's."""
    with pytest.raises(ValueError, match="zip"):
        difference([1.0, 2.0], [1.0], choose=random.Random(1).choice)


@settings(max_examples=20, deadline=None)  # each example resamples thousands of times
@given(seconds=SECONDS, seed=st.integers(0, 100))
def test_the_median_lies_within_its_interval(seconds: list[float], seed: int) -> None:
    """Whatever was measured."""
    found = difference([0.0] * len(seconds), seconds, choose=random.Random(seed).choice)

    assert found.low_ms <= found.median_ms <= found.high_ms


def test_each_round_has_every_kind_once_in_an_order_of_its_own() -> None:
    """So nothing is always first, and what drifts falls on all alike."""
    order = in_any_order("abc", 60, random.Random(1))
    rounds = [tuple(order[start : start + 3]) for start in range(0, len(order), 3)]

    assert {frozenset("abc")} == {frozenset(one) for one in rounds}
    assert set(Counter(one[0] for one in rounds)) == set("abc")
    assert len(set(rounds)) == 6
