"""What a handful of measurements say, and how far that can be trusted. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from msgspec import Struct

_DRAWS = 2000
_TAIL = 0.025  # of the resampled medians, on either side of a 95 % interval


class Summary(Struct, frozen=True, kw_only=True):
    """Of measurements in milliseconds."""

    median_ms: float
    p90_ms: float


class Difference(Struct, frozen=True, kw_only=True):
    """
    How much more one of each pair took, in milliseconds.

    Attributes:
        median_ms: Of the pairs' differences.
        low_ms: Lower end of its 95 % confidence interval.
        high_ms: Upper end.
    """

    median_ms: float
    low_ms: float
    high_ms: float


class Ratio(Struct, frozen=True, kw_only=True):
    """
    How many times as long one of each pair took.

    Attributes:
        median: Of the pairs' ratios.
        low: Lower end of its 95 % confidence interval.
        high: Upper end.
    """

    median: float
    low: float
    high: float


def quantile(values: Sequence[float], share: float) -> float:
    """
    The value below which *share* of *values* lie, between two neighbours in proportion.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    """The middle one; raises as ``quantile``."""
    return quantile(values, 0.5)


def summary(seconds: Sequence[float]) -> Summary:
    """Of measurements in seconds; raises as ``quantile``."""
    return Summary(median_ms=_ms(median(seconds)), p90_ms=_ms(quantile(seconds, 0.9)))


def difference(
    less: Sequence[float], more: Sequence[float], *, choose: Callable[[Sequence[float]], float]
) -> Difference:
    """
    How much longer each of *more* took than its partner in *less*, both in seconds.

    The interval is a percentile bootstrap: the pairs are drawn again with replacement, and the middle
    95 % of the medians so found are where the true one is to be expected. Pairs are kept together, so what
    slowed both of a pair is not counted.

    Args:
        less: Seconds, by pair.
        more: Seconds, by pair.
        choose: Draws one of a sequence.

    Raises:
        ValueError: There are no pairs, or not all have two.
    """
    added = [b - a for a, b in zip(less, more, strict=True)]
    drawn = sorted(median([choose(added) for _ in added]) for _ in range(_DRAWS))
    return Difference(
        median_ms=_ms(median(added)),
        low_ms=_ms(quantile(drawn, _TAIL)),
        high_ms=_ms(quantile(drawn, 1 - _TAIL)),
    )


def ratio(
    ones: Sequence[float], others: Sequence[float], *, choose: Callable[[Sequence[float]], float]
) -> Ratio:
    """How many times as long each of *others* took as its partner in *ones*; as ``difference``."""
    found = [other / one for one, other in zip(ones, others, strict=True)]
    drawn = sorted(median([choose(found) for _ in found]) for _ in range(_DRAWS))
    return Ratio(
        median=round(median(found), 3),
        low=round(quantile(drawn, _TAIL), 3),
        high=round(quantile(drawn, 1 - _TAIL), 3),
    )


def in_any_order(kinds: Sequence[str], rounds: int, rng: random.Random) -> list[str]:
    """
    What to measure when: in each round each kind once, in an order of its own.

    So whatever drifts, such as a machine that gets warm, and whatever one kind leaves to the next falls
    on all of them alike.
    """
    return [kind for _ in range(rounds) for kind in rng.sample(list(kinds), len(kinds))]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
