"""Media without metadata: nothing planted survives, and what is shown stays as it is."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from services.renderer.metadata import UnreadableMediaError, cleaned
from tests.unit.renderer import media
from tests.unit.renderer.media import PLANTED

PICTURES: dict[str, Callable[[], bytes]] = {
    "png": media.png,
    "png with alpha": lambda: media.png("RGBA"),
    "png with palette": lambda: media.png("P"),
    "png in grey": lambda: media.png("L"),
    "png in bilevel": lambda: media.png("1"),
    "png with exif": lambda: media.png(exif=media.exif()),
    "animated png": lambda: media.animated("PNG"),
    "jpeg": media.jpeg,
    "jpeg in grey": lambda: media.jpeg("L"),
    "jpeg in cmyk": lambda: media.jpeg("CMYK"),
    "progressive jpeg": lambda: media.jpeg(progressive=True),
    "jpeg without chroma subsampling": lambda: media.jpeg(subsampling=0, quality=95),
    "jpeg with restarts": lambda: media.jpeg(restart_marker_blocks=1),
    "webp": media.webp,
    "lossless webp": lambda: media.webp(lossless=True),
    "webp with alpha": lambda: media.webp(mode="RGBA"),
    "animated webp": lambda: media.animated("WEBP"),
}
MIMES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_what_it_showed_and_says_nothing(name: str) -> None:
    """Pixel for pixel, in every frame; measured right; and the planted words are nowhere."""
    data = PICTURES[name]()
    clean = cleaned(data)

    assert media.shown(data) == media.shown(clean.data)
    assert (37, 21, 0.0) == (clean.width_px, clean.height_px, clean.duration_s)
    assert clean.mime in {mime for word, mime in MIMES.items() if word in name}
    assert PLANTED.encode() not in media.texts(clean.data)
    assert cleaned(clean.data) == clean


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_what_was_planted_was_there(name: str) -> None:
    """The control: before cleaning the words are found."""
    assert PLANTED.encode() in media.texts(PICTURES[name]())


@pytest.mark.parametrize("turned", range(2, 9))
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_which_side_is_up_stays(kind: str, turned: int) -> None:
    """A phone's picture is not laid on its side by losing its EXIF; nothing else of that is left."""
    data: bytes = getattr(media, kind)(exif=media.exif(turned))
    clean = cleaned(data)
    before, after = (ImageOps.exif_transpose(Image.open(io.BytesIO(one))) for one in (data, clean.data))

    assert before.tobytes() == after.tobytes()
    assert before.size == (clean.width_px, clean.height_px)
    assert PLANTED.encode() not in media.texts(clean.data)
    assert {0x0112: turned} == dict(Image.open(io.BytesIO(clean.data)).getexif())


def test_a_video_shows_what_it_showed_and_says_nothing() -> None:
    """Same length in bytes, so that every offset holds; same frames; measured right."""
    data = media.mp4()
    clean = cleaned(data)

    assert PLANTED.encode() in data
    assert PLANTED.encode() not in clean.data
    assert b"Lavf" not in clean.data.split(b"mdat")[-1]
    assert len(data) == len(clean.data)
    assert media.frames(data) == media.frames(clean.data)
    assert ("video/mp4", 64, 48, 1.0) == (clean.mime, clean.width_px, clean.height_px, clean.duration_s)
    assert cleaned(clean.data) == clean


@pytest.mark.parametrize("format_", ["GIF", "BMP", "TIFF"])
def test_formats_that_can_not_be_cleaned_are_refused(format_: str) -> None:
    """Passing them on could pass anything on."""
    buffer = io.BytesIO()
    media.picture().save(buffer, format_)

    with pytest.raises(UnreadableMediaError):
        cleaned(buffer.getvalue())


SAMPLES = [make() for make in PICTURES.values()] + [media.mp4()]


@given(st.sampled_from(SAMPLES), st.floats(0, 0.999))
@settings(max_examples=200, deadline=None)
def test_what_is_cut_off_never_crashes(data: bytes, part: float) -> None:
    """It is refused, or what is left is clean."""
    whole = len(data) - len(PLANTED)
    try:
        clean = cleaned(data[: int(whole * part)])
    except UnreadableMediaError:
        return
    assert PLANTED.encode() not in media.texts(clean.data)


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=300, deadline=None)
def test_changed_bytes_never_crash(data: bytes, changes: list[tuple[float, int]]) -> None:
    """Whatever was flipped: refused, or cleaned as it is."""
    changed = bytearray(data)
    for place, value in changes:
        changed[int(place * len(data))] = value
    try:
        cleaned(bytes(changed))
    except UnreadableMediaError:
        return


@given(
    st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBP", b"\0\0\0\x10ftypisom"]
    ),
    st.binary(max_size=200),
)
def test_any_bytes_never_crash(start: bytes, rest: bytes) -> None:
    """Also behind a start that promises a picture."""
    try:
        cleaned(start + rest)
    except UnreadableMediaError:
        return
