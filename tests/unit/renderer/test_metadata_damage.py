"""Damaged media of every format: refused, or clean; never a crash, and never for long."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from services.renderer.metadata import UnreadableMediaError, cleaned
from tests.unit.renderer.media import PLANTED, texts
from tests.unit.renderer.test_metadata import PICTURES
from tests.unit.renderer.test_metadata_sound import SOUNDS
from tests.unit.renderer.test_metadata_video import VIDEOS

MAKERS = {**PICTURES, **{name: make for name, (_, make) in [*VIDEOS.items(), *SOUNDS.items()]}}
PARTS = st.floats(0, 1, exclude_max=True)
BEGINNINGS = (
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"RIFF\x10\0\0\0WEBP",
    b"RIFF\x40\0\0\0WAVEfmt ",
    b"\0\0\0\x10ftypisom\0\0\0\0",
    b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67",
    b"OggS\0\x02",
    b"fLaC\0\0\0\x22",
    b"ID3\x04\0\0\0\0\0\x05",
    b"\xff\xfb\x90\x64",
)


@cache
def sample(name: str) -> bytes:
    """Made once: encoding takes longer than cleaning."""
    return MAKERS[name]()


@given(st.sampled_from(sorted(MAKERS)), PARTS)
@settings(max_examples=300, deadline=None)
def test_what_is_cut_off_never_crashes(name: str, part: float) -> None:
    """It is refused, or what is left is clean."""
    data = sample(name)
    try:
        clean = cleaned(data[: int((len(data) - len(PLANTED)) * part)])
    except UnreadableMediaError:
        return
    assert PLANTED.encode() not in texts(clean.data)


@given(
    st.sampled_from(sorted(MAKERS)),
    st.lists(st.tuples(PARTS, st.integers(0, 255), st.booleans()), min_size=1, max_size=8),
)
@settings(max_examples=600, deadline=None)
def test_changed_bytes_never_crash(name: str, changes: list[tuple[float, int, bool]]) -> None:
    """Whatever was flipped, anywhere or among the first bytes, where sizes stand."""
    data = bytearray(sample(name))
    for place, value, early in changes:
        data[int(place * (min(len(data), 400) if early else len(data)))] = value
    try:
        cleaned(bytes(data))
    except UnreadableMediaError:
        return


@given(st.sampled_from(sorted(MAKERS)), PARTS, PARTS, st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_pieces_put_together_never_crash(name: str, start: float, end: float, between: bytes) -> None:
    """Sizes that say other than what is there."""
    data = sample(name)
    try:
        cleaned(data[: int(start * len(data))] + between + data[int(end * len(data)) :])
    except UnreadableMediaError:
        return


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
@settings(max_examples=500)
def test_any_bytes_never_crash(start: bytes, rest: bytes) -> None:
    """Also behind a start that promises a medium."""
    try:
        cleaned(start + rest)
    except UnreadableMediaError:
        return
