"""Small media to send, made on the spot."""

from __future__ import annotations

import io

import av
from PIL import Image


def image_bytes(size_px: tuple[int, int] = (64, 48), colour: str = "teal", *, encoding: str = "PNG") -> bytes:
    """A plain picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size_px, colour).save(out, encoding)
    return out.getvalue()


def video_bytes(size_px: tuple[int, int] = (64, 48), *, frames: int = 5) -> bytes:
    """A short MP4 (MPEG-4 part 2, five frames a second)."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            shade = Image.new("RGB", size_px, (number * 40 % 256, 80, 120))
            container.mux(stream.encode(av.VideoFrame.from_image(shade)))
        container.mux(stream.encode(None))
    return out.getvalue()
