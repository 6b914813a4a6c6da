"""Which frame of a video is its poster, and how it looks."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from PIL import Image

from services.renderer.first_frame import SIDE_PX_MAX, first_frame, jpeg_of
from services.renderer.metadata import cleaned


def film(*colours: str, size: tuple[int, int] = (64, 48)) -> bytes:
    """A video with a frame of each colour."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for colour in colours:
            container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", size, colour))))
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


def test_the_jpeg_holds_nothing_but_the_picture() -> None:
    """Cleaning it changes no byte."""
    jpeg = jpeg_of(first_frame(film("teal")))

    assert jpeg == cleaned(jpeg).data


@pytest.mark.parametrize("video", [b"", b"nothing", film("teal")[:400]])
def test_what_does_not_decode_has_none(video: bytes) -> None:
    """The process that tries ends with an error, which is what counts."""
    with pytest.raises((av.error.FFmpegError, ValueError, IndexError)):
        first_frame(video)
