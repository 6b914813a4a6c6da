"""The offset never passes an update that is not done with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.ingress.telegram.window import Window


def test_offset_waits_for_the_slowest() -> None:
    """Later updates may be done with; the oldest in hand says how far Telegram may forget."""
    window = Window()
    window.admit([10, 11, 12])
    window.finish([11, 12])

    assert 10 == window.offset

    window.finish([10])

    assert 13 == window.offset
    assert window.is_clear


def test_known_updates_are_not_new() -> None:
    """What Telegram sends again behind a slow one is taken once, also when the slow one ends meanwhile."""
    window = Window()
    window.admit([10, 11])
    window.finish([11])

    assert {12} == window.admit([10, 11, 12])

    window.finish([10])

    assert set() == window.admit([10, 11, 12])


def test_numbers_may_start_anew() -> None:
    """After a quiet week Telegram goes on with any number, even a lower one."""
    window = Window()
    window.admit([900])
    window.finish([900])

    assert {5} == window.admit([5])
    assert 5 == window.offset

    window.finish([5])

    assert 6 == window.offset


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**8 - 1)), max_size=40))
def test_each_update_is_new_once(rounds: list[tuple[int, int]]) -> None:
    """However polls and endings interleave, each update is handed out once and none is forgotten early."""
    window = Window()
    queue: list[int] = []
    handed: list[int] = []
    in_hand: list[int] = []
    for arriving, ending in rounds:
        first = len(handed) + 1
        queue = [number for number in queue if number >= window.offset] + list(range(first, first + arriving))
        new = sorted(window.admit(queue))
        handed += new
        in_hand += new
        done = [number for place, number in enumerate(in_hand) if ending >> place & 1]
        window.finish(done)
        in_hand = [number for number in in_hand if number not in done]

        assert all(window.offset <= number for number in in_hand)

    assert list(range(1, len(handed) + 1)) == handed
