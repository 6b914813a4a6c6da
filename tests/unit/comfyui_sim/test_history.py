"""The simulator's history."""

from __future__ import annotations

from services.devstack.comfyui.engine.history import LIMIT, History


def test_limit() -> None:
    """The real server trims past ten thousand."""
    assert 10_000 == LIMIT


def test_oldest_goes_first() -> None:
    """Past the limit one goes for each that comes; as on the real server, one more than the limit stays."""
    history = History(limit=2)
    for number in range(5):
        history.add(str(number), {})
    assert ["2", "3", "4"] == list(history.window(None, -1))


def test_repeated_id_overwrites_in_place() -> None:
    """A repeated id has one entry, the newer, in the older one's place."""
    history = History()
    for prompt_id, run in (("a", 1), ("b", 1), ("a", 2)):
        history.add(prompt_id, {"run": run})
    assert [("a", {"run": 2}), ("b", {"run": 1})] == list(history.window(None, -1).items())


def test_window() -> None:
    """Without an offset the newest entries, with one those from there on."""
    history = History()
    for number in range(5):
        history.add(str(number), {})
    assert ["3", "4"] == list(history.window(2, -1))
    assert ["1", "2"] == list(history.window(2, 1))
    assert ["3", "4"] == list(history.window(None, 3))
    assert ["0", "1", "2", "3", "4"] == list(history.window(9, -1))
