"""Media without metadata: nothing planted survives, and what is shown stays as it is."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageOps

from services.renderer.metadata import UnknownFormatError, cleaned
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
    "gif": lambda: media.gif(moves=False),
    "animated gif": media.gif,
}
MIMES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_what_it_showed_and_says_nothing(name: str) -> None:
    """Pixel for pixel, in every frame; measured right; and the planted words are nowhere."""
    data = PICTURES[name]()
    clean = cleaned(data)

    assert media.shown(data) == media.shown(clean.data)
    moves = "animated" in name
    assert (37, 21) == (clean.width_px, clean.height_px)
    assert (moves, 0.3 if moves else 0.0) == (clean.animated, pytest.approx(clean.duration_s))
    assert clean.mime in {mime for word, mime in MIMES.items() if word in name}
    assert PLANTED.encode() not in media.texts(clean.data)
    assert cleaned(clean.data) == clean


@pytest.mark.parametrize("name", ["png", "animated png", "jpeg", "webp", "animated webp", "animated gif"])
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


def test_the_timing_of_a_text_in_a_gif_does_not_pass_to_the_next_picture() -> None:
    """The text goes, and the control that stood before it."""
    data = media.gif(moves=False)

    assert b"\x21\xf9" in data
    assert b"\x21\xf9" not in cleaned(data).data


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_an_animation_keeps_its_timing(kind: str) -> None:
    """Each frame stands as long as before, and it repeats as often."""
    data = media.animated(kind)

    assert media.timing(data) == media.timing(cleaned(data).data)


@pytest.mark.parametrize("format_", ["BMP", "TIFF", "AVIF", "ICO"])
def test_formats_that_can_not_be_cleaned_are_refused(format_: str) -> None:
    """Passing them on could pass anything on."""
    buffer = io.BytesIO()
    media.picture().save(buffer, format_)

    with pytest.raises(UnknownFormatError):
        cleaned(buffer.getvalue())
