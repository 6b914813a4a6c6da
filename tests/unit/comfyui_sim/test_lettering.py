"""Text on the simulator's placeholders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.devstack.comfyui.painting.lettering import font, printable, wrapped

FACE = font(16)


def test_words_stay_whole() -> None:
    """Lines break between words."""
    assert ["an astronaut", "in a field"] == wrapped("an astronaut in a field", FACE, 110, 4)


def test_ellipsis() -> None:
    """What does not fit is said to be missing."""
    lines = wrapped("word " * 100, FACE, 100, 2)
    assert 2 == len(lines)
    assert lines[-1].endswith("…")


def test_nothing_is_no_line() -> None:
    """An empty text has no lines."""
    assert [] == wrapped(" \n", FACE, 100, 3)


def test_control_characters_become_spaces() -> None:
    """Nothing that a font cannot draw is left."""
    assert "a b c" == printable("a\x00b\ud800c").replace("  ", " ")


@given(st.text(st.characters(), max_size=300), st.integers(20, 300), st.integers(1, 4))
def test_any_text_fits(text: str, width: int, most_lines: int) -> None:
    """Whatever the text, no more lines than allowed and none wider than the width."""
    lines = wrapped(text, FACE, width, most_lines)
    assert len(lines) <= most_lines
    widest = max((FACE.getlength(letter) for letter in printable(text) or " "), default=0)
    assert all(FACE.getlength(line) <= max(width, widest + FACE.getlength("…")) for line in lines)
