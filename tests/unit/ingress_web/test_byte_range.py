"""Which bytes a Range header means."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.ingress.web.byte_range import wanted_bytes


def test_no_range_is_all() -> None:
    """Nothing to cut."""
    assert wanted_bytes(slice(None, None, 1), 10) is None


def test_a_part_is_cut_at_the_end() -> None:
    """From the front, to the end, from the back, and past the end."""
    assert (2, 5) == wanted_bytes(slice(2, 5, 1), 10)
    assert (7, 10) == wanted_bytes(slice(7, None, 1), 10)
    assert (7, 10) == wanted_bytes(slice(-3, None, 1), 10)
    assert (0, 10) == wanted_bytes(slice(-30, None, 1), 10)
    assert (7, 10) == wanted_bytes(slice(7, 99, 1), 10)


def test_there_is_no_part_beyond_the_end() -> None:
    """Nor any of what is empty."""
    assert "none" == wanted_bytes(slice(10, None, 1), 10)
    assert "none" == wanted_bytes(slice(0, None, 1), 0)


@given(st.integers(0, 50), st.integers(-60, 60), st.one_of(st.none(), st.integers(1, 70)))
def test_a_part_lies_within(size_bytes: int, start: int, stop: int | None) -> None:
    """Whatever is asked for, at least one byte and no byte outside."""
    part = wanted_bytes(slice(start, stop, 1), size_bytes)

    assert part is not None
    assert part == "none" or 0 <= part[0] < part[1] <= size_bytes
