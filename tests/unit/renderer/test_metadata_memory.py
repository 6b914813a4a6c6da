"""Large media are cleaned in memory of their own size: what came and what goes on, and nothing besides."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from services.renderer.metadata import cleaned
from tests.unit.renderer import media, sounds, videos

SIZE_BYTES = 24 << 20


def mp4() -> bytes:
    """With much in its data that belongs to no sample."""
    data = videos.video("mp4", "mpeg4")
    at = data.index(b"mdat") - 4
    end = at + int.from_bytes(data[at : at + 4], "big")
    return data[:at] + (end - at + SIZE_BYTES).to_bytes(4, "big") + data[at + 4 : end] + _much() + data[end:]


def webm() -> bytes:
    """With a large empty element."""
    data = videos.video("webm", "libvpx-vp9")
    at = data.index(bytes.fromhex("18538067")) + 4
    size = int.from_bytes(data[at : at + 8], "big") & (1 << 56) - 1
    more = videos.element("EC", _much())
    return data[:at] + (1 << 56 | size + len(more)).to_bytes(8, "big") + data[at + 8 : at + 8 + size] + more


def apng() -> bytes:
    """With a large frame."""
    data = media.animated("PNG")
    end = data.rindex(b"IEND") - 4
    return data[:end] + media.chunk(b"fdAT", _much()) + data[end:]


def gif() -> bytes:
    """With a large frame."""
    blocks = (b"\xff" + bytes(255)) * (SIZE_BYTES // 256)
    return media.animated("GIF")[:-1] + b"\x2c" + bytes(9) + b"\x08" + blocks + b"\0;"


def wav() -> bytes:
    """With many samples."""
    shape = sounds.sound("wav", "pcm_s16le")[12:36]
    body = b"WAVE" + shape + b"data" + SIZE_BYTES.to_bytes(4, "little") + _much()
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _much() -> bytes:
    return bytes(SIZE_BYTES)


@pytest.mark.parametrize("make", [mp4, webm, apng, gif, wav])
def test_cleaning_takes_the_mediums_size_once(make: Callable[[], bytes]) -> None:
    """Beside what came there is what goes on."""
    data = make()
    tracemalloc.start()
    try:
        cleaned(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(data) > SIZE_BYTES
    assert most < 1.1 * len(data)
