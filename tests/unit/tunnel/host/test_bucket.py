"""The token bucket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.tunnel.host.bucket import Bucket


def test_a_burst_and_then_the_rate() -> None:
    """As many as it holds go at once; the next waits until a token is back, and no longer."""
    bucket = Bucket.full(rate=2.0, size=3, now=10.0)
    for _ in range(3):
        bucket, wait_s = bucket.taken(10.0)
        assert 0.0 == wait_s

    same, wait_s = bucket.taken(10.0)
    assert (bucket, 0.5) == (same, wait_s)
    assert 0.0 == bucket.taken(10.5)[1]


def test_a_pause_fills_it_to_the_brim_only() -> None:
    """However long nothing was asked, no more than its size goes at once."""
    bucket = Bucket.full(rate=100.0, size=2, now=0.0)
    waits: list[float] = []
    for _ in range(3):
        bucket, wait_s = bucket.taken(1e6)
        waits.append(wait_s)

    assert [True, True, False] == [not wait for wait in waits]


def test_a_clock_that_stands_gives_nothing() -> None:
    """A time that lies before gives no tokens, and takes none."""
    bucket, _ = Bucket.full(rate=1.0, size=1, now=5.0).taken(5.0)

    assert 1.0 == bucket.taken(4.0)[1]


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.1, 20), st.integers(1, 10))
def test_never_more_than_was_earned(pauses: list[float], rate: float, size: int) -> None:
    """In no stretch of time does more pass than the size and what the rate gives in it."""
    now, bucket, passed = 0.0, Bucket.full(rate, size, 0.0), 0
    for pause in pauses:
        now += pause
        bucket, wait_s = bucket.taken(now)
        passed += not wait_s

    assert passed <= size + now * rate + 1e-6
