"""What a medium is shown as, and what its file is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.ingress.formats import extension, nature
from tests import builders


@pytest.mark.parametrize(
    ("mime", "animated", "shown", "ending"),
    [
        ("image/png", False, "still", "png"),
        ("image/jpeg", False, "still", "jpg"),
        ("image/webp", True, "animated", "webp"),
        ("image/apng", True, "animated", "png"),
        ("image/gif", True, "animated", "gif"),
        ("video/mp4", False, "video", "mp4"),
        ("video/webm", False, "video", "webm"),
        ("audio/flac", False, "audio", "flac"),
        ("audio/mpeg", False, "audio", "mp3"),
        ("audio/ogg", False, "audio", "ogg"),
        ("audio/wav", False, "audio", "wav"),
    ],
)
def test_what_it_is(mime: str, animated: bool, shown: str, ending: str) -> None:  # noqa: FBT001 - a table's column
    """By its type, and whether it moves."""
    assert (shown, ending) == (nature(replace(builders.MEDIA, mime=mime, animated=animated)), extension(mime))


@given(st.text())
def test_what_is_not_known_has_no_meaning(mime: str) -> None:
    """A page above all: its name ends in what no program opens."""
    assert "bin" == extension(mime)
