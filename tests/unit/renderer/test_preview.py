"""Preview frames, from ComfyUI's binary messages to something small enough to show."""

from __future__ import annotations

import struct
from io import BytesIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.renderer.comfyui.preview import FRAME_BYTES_MAX, Frame, frame
from services.renderer.thumbnail import BYTES_MAX, SIDE_PX_MAX, thumbnail


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A frame's picture."""
    buffer = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def plain(data: bytes, kind: int = 1) -> bytes:
    """The older form."""
    return struct.pack(">II", 1, kind) + data


def described(data: bytes, about: object) -> bytes:
    """The newer form."""
    told = msgspec.json.encode(about)
    return struct.pack(">II", 4, len(told)) + told + data


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_older_form(kind: str) -> None:
    """It does not say whose it is."""
    data = picture(kind)

    assert Frame(picture=data) == frame(plain(data))


def test_the_newer_form() -> None:
    """The metadata say whose it is; what else they say is passed over."""
    data = picture()
    about = {"prompt_id": "a", "node_id": "3", "parent_node_id": None, "image_type": "image/jpeg"}

    assert Frame(picture=data, prompt_id="a") == frame(described(data, about))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\x00\x00\x01",
        plain(b"<svg/>"),
        plain(b""),
        struct.pack(">II", 3, 4) + b"text",
        described(picture(), []),
        struct.pack(">II", 4, 2**32 - 1) + b"{}" + picture(),
        described(picture(), {"prompt_id": 7}),
        plain(picture() + bytes(FRAME_BYTES_MAX)),
    ],
)
def test_what_is_no_frame(message: bytes) -> None:
    """Other events, other formats, and what is not well formed are nothing."""
    assert frame(message) is None


@given(st.binary(max_size=64))
def test_any_bytes_at_all(message: bytes) -> None:
    """Nothing that a server sends breaks it."""
    frame(message)
    frame(struct.pack(">I", 4) + message)


def test_a_thumbnail_is_small() -> None:
    """Noise of two megapixels comes out within both bounds, in its own proportions."""
    small = thumbnail(picture("PNG", (2000, 1000)))

    assert (SIDE_PX_MAX, SIDE_PX_MAX // 2) == Image.open(BytesIO(small)).size
    assert len(small) <= BYTES_MAX


def test_a_thumbnail_holds_nothing_but_the_picture() -> None:
    """Comments and EXIF of what came are gone."""
    exif = Image.Exif()
    exif[0x0110] = "an astronaut"
    small = thumbnail(picture(comment="an astronaut", exif=exif))

    assert small.startswith(b"\xff\xd8\xff")
    assert b"astronaut" not in small


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", picture()[:200], b"GIF89a", picture("PNG", (4100, 4100))]
)
def test_what_can_not_be_shown(data: bytes) -> None:
    """Nothing is shown then; what is absurdly large is not even decoded."""
    assert b"" == thumbnail(data)
