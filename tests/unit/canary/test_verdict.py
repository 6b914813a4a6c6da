"""What is seen, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.canary.verdict import Observation, elsewhere, judge


@pytest.mark.parametrize(
    ("seen", "verdict", "code"),
    [
        ({}, "verified", "verified"),
        ({"way": "tunnel-down"}, "inconclusive", "tunnel-down"),
        ({"way": "no-backend", "sees": False}, "inconclusive", "no-backend"),
        ({"sees": False}, "inconclusive", "observer-blind"),
        ({"open_ways": (8188,)}, "leaked", "direct-way-open"),
        ({"outside": (443,)}, "leaked", "socket-outside"),
        ({"names": 1}, "leaked", "dns-asked"),
        ({"names": 1, "way": "tunnel-down", "sees": False}, "leaked", "dns-asked"),
    ],
)
def test_verdicts(seen: dict[str, Any], verdict: str, code: str) -> None:
    """Each thing that is wrong has its code; a leak wins over what could not be found out."""
    found = judge(Observation(mode="anon", **seen))

    assert (verdict, code) == (found.verdict, found.code)


OBSERVATIONS = st.builds(
    Observation,
    mode=st.sampled_from(["anon", "direct"]),
    way=st.sampled_from(["", "tunnel-down", "no-backend"]),
    sees=st.booleans(),
    open_ways=st.lists(st.integers(0, 65535), max_size=20).map(tuple),
    outside=st.lists(st.integers(0, 65535), max_size=20).map(tuple),
    names=st.integers(0, 5),
)


@given(OBSERVATIONS)
def test_verified_means_that_nothing_is_left_to_see(seen: Observation) -> None:
    """And leaked that there was a leak; whatever is told beside names no address."""
    found = judge(seen)
    leak = bool(seen.open_ways or seen.outside or seen.names)

    assert leak == (found.verdict == "leaked")
    assert (not leak and not seen.way and seen.sees) == (found.verdict == "verified")
    assert all(part.isdecimal() for value in found.details.values() for part in value.split())


def test_only_told_places_and_this_machine_are_fine() -> None:
    """An address counts with its port."""
    told = {("10.0.0.9", 4222)}
    led = {("10.0.0.9", 4222), ("10.0.0.9", 22), ("127.0.0.1", 9), ("::1", 9), ("10.0.0.10", 8188)}

    assert (22, 8188) == elsewhere(led, told)
