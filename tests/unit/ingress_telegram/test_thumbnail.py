"""A video's thumbnail: a JPEG within what the Bot API takes, or none."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.ingress.telegram.thumbnail import MOST_BYTES, SIDE_PX, thumbnail_of
from tests.botapi.pictures import image_bytes


def noise(size_px: tuple[int, int]) -> bytes:
    """A picture that no encoding makes small."""
    pixels = random.Random(7).randbytes(size_px[0] * size_px[1] * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", size_px, pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("poster", "size_px"),
    [
        (image_bytes((832, 480), encoding="JPEG"), (320, 185)),
        (image_bytes((480, 832)), (185, 320)),
        (image_bytes((100, 50), encoding="WEBP"), (100, 50)),
        (image_bytes((4000, 3)), (320, 1)),
        (noise((640, 640)), (320, 320)),
    ],
)
async def test_small_enough(poster: bytes, size_px: tuple[int, int]) -> None:
    """At most 320 pixels a side and 200 kB, whatever the poster is."""
    made = await thumbnail_of(poster)
    with Image.open(io.BytesIO(made)) as opened:
        assert ("JPEG", size_px) == (opened.format, opened.size)
    assert max(size_px) <= SIDE_PX
    assert len(made) <= MOST_BYTES


@pytest.mark.parametrize("poster", [b"", b"no picture", image_bytes((64, 64), encoding="GIF")])
async def test_without_a_poster_there_is_none(poster: bytes) -> None:
    """The video is sent all the same."""
    assert b"" == await thumbnail_of(poster)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
async def test_damage_makes_no_trouble(at: int, byte: int) -> None:
    """One byte of a poster is another: a thumbnail or none, and nothing is raised."""
    poster = bytearray(image_bytes((64, 48), encoding="JPEG"))
    poster[at % len(poster)] = byte

    made = await thumbnail_of(bytes(poster))

    assert made == b"" or made.startswith(b"\xff\xd8\xff")
