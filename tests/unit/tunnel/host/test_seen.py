"""What went through the guard lately."""

from __future__ import annotations

from services.tunnel.host.seen import Seen


def test_what_was_seen_lately() -> None:
    """A name counts as seen for a while after it was last seen."""
    seen = Seen()
    seen.add("a", 0.0)
    seen.add("b", 1.0)
    seen.add("a", 2.0)

    assert seen.within("a", 3.0, 1.5)
    assert not seen.within("b", 3.0, 1.5)
    assert not seen.within("c", 3.0, 100.0)
    assert ["b"] == seen.older(3.0, 1.5)


def test_seen_is_bounded() -> None:
    """However much is asked for, only so much is remembered, the newest."""
    seen = Seen(most=2)
    for number in range(5):
        seen.add(str(number), 0.0)

    assert [False, False, False, True, True] == [seen.within(str(number), 0.0, 1.0) for number in range(5)]
