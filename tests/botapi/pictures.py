"""Small media to send, made on the spot."""

from __future__ import annotations

import io
import math
import wave
from array import array
from functools import cache

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


@cache  # the encoder's threads make other bytes each time
def film_bytes(size_px: tuple[int, int] = (320, 192), *, seconds: int = 2, rate: int = 8) -> bytes:
    """An MP4 as Wan's are and as every browser plays it (H.264): a bar that goes across."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        for number in range(seconds * rate):
            frame = Image.new("RGB", size_px, (40, 60, 90))
            frame.paste((240, 150, 60), (number * size_px[0] // (seconds * rate), 0, size_px[0], size_px[1]))
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode(None))
    return out.getvalue()


def sound_bytes(encoding: str = "mp3", *, seconds: int = 2, rate: int = 22_050) -> bytes:
    """A tone: ``wav``, ``mp3`` or ``flac``."""
    tone = array("h", (int(8000 * math.sin(at * 2 * math.pi * 440 / rate)) for at in range(seconds * rate)))
    whole = io.BytesIO()
    with wave.open(whole, "wb") as written:
        written.setparams((1, 2, rate, 0, "NONE", ""))
        written.writeframes(tone.tobytes())
    if encoding == "wav":
        return whole.getvalue()
    out = io.BytesIO()
    with av.open(io.BytesIO(whole.getvalue())) as source, av.open(out, "w", format=encoding) as container:
        stream = container.add_stream({"mp3": "libmp3lame", "flac": "flac"}[encoding], rate=rate)
        for frame in source.decode(audio=0):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def moving_bytes(encoding: str, size_px: tuple[int, int] = (96, 64)) -> bytes:
    """A picture that moves: GIF, WEBP or PNG."""
    frames = [Image.new("RGB", size_px, colour) for colour in ("crimson", "teal", "gold")]
    out = io.BytesIO()
    frames[0].save(out, encoding, save_all=True, append_images=frames[1:], duration=200, loop=0)
    return out.getvalue()
