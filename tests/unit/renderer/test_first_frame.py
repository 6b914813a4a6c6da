"""Which frame of a video is its poster, and how it looks."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from PIL import Image

from services.renderer.first_frame import SIDE_PX_MAX, first_frame, jpeg_of
from services.renderer.metadata import cleaned
from tests.unit.renderer.videos import on_its_side


def film(*frames: str | Image.Image, size: tuple[int, int] = (64, 48)) -> bytes:
    """A video of these pictures, or of one colour each."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for one in frames:
            picture = Image.new("RGB", size, one) if isinstance(one, str) else one
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    return buffer.getvalue()


def is_like(picture: Image.Image, red: int, green: int, blue: int) -> bool:
    """Whether the middle has about that colour."""
    found = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(found, tuple)
    return all(abs(one - other) < 12 for one, other in zip(found, (red, green, blue), strict=True))


def test_dark_frames_are_passed_over() -> None:
    """Videos often begin in the dark."""
    picture = first_frame(film("black", "#080808", "teal", "white"))

    assert is_like(picture, 0, 128, 128)


def test_of_a_dark_film_the_brightest_frame_is_taken() -> None:
    """There is a poster nevertheless."""
    picture = first_frame(film("black", "#101010", "black"))

    assert is_like(picture, 16, 16, 16)


def test_a_large_video_has_a_smaller_poster() -> None:
    """Its proportions stay."""
    picture = first_frame(film("teal", size=(1920, 1080)))

    assert (SIDE_PX_MAX, 720) == picture.size


def test_a_video_on_its_side_has_an_upright_poster() -> None:
    """Turned as players turn it: what was on the left is on top."""
    halves = Image.new("RGB", (64, 48), "white")
    halves.paste("teal", (0, 0, 32, 48))
    picture = first_frame(on_its_side(film(halves)))

    assert (48, 64) == picture.size
    assert is_like(picture.crop((0, 0, 48, 24)), 0, 128, 128)
    assert is_like(picture.crop((0, 40, 48, 64)), 255, 255, 255)


def test_the_jpeg_holds_nothing_but_the_picture() -> None:
    """Cleaning it changes no byte."""
    jpeg = jpeg_of(first_frame(film("teal")))

    assert jpeg == cleaned(jpeg).data


@pytest.mark.parametrize("video", [b"", b"nothing", film("teal")[:400]])
def test_what_does_not_decode_has_none(video: bytes) -> None:
    """The process that tries ends with an error, which is what counts."""
    with pytest.raises((av.error.FFmpegError, ValueError, IndexError)):
        first_frame(video)
