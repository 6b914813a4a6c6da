"""
The program that makes a video's poster: the video on standard input, a JPEG on standard output.

It has no keys and no connections, may write no file, and is bounded in memory and time.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO
from typing import cast

import av
from PIL import Image

SIDE_PX_MAX = 1280
_QUALITY = 88

_MEMORY_BYTES = 2 << 30
_CPU_S = 15
_PIXELS_MAX = 8192 * 8192
_FRAMES_MAX = 72
"""Three seconds of film: whatever stays dark for longer is meant to be dark."""

_BRIGHT = 28
"""Mean of 0 to 255 from which a frame shows something."""


def main() -> None:
    """Exit code 0 with a picture, anything else without one."""
    # Before the video is looked at. A dump of this memory would be a copy of the video on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    sys.stdout.buffer.write(jpeg_of(first_frame(sys.stdin.buffer.read())))


def first_frame(video: bytes) -> Image.Image:
    """
    The first frame near the start that is not dark, else the brightest of these.

    Raises:
        av.error.FFmpegError: It can't be decoded.
        ValueError: It has no frame.
    """
    best: Image.Image | None = None
    brightest = -1.0
    with av.open(BytesIO(video), "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(_PIXELS_MAX)}
        for number, frame in enumerate(container.decode(stream)):
            brightness = _brightness(frame)
            if brightness > brightest:
                best, brightest = _upright(frame), brightness
            if brightest >= _BRIGHT or number + 1 >= _FRAMES_MAX:
                break
    if best is None:
        raise ValueError("a video without a frame")
    return best


def jpeg_of(picture: Image.Image) -> bytes:
    """*picture* as a JPEG that holds nothing else."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()


def _brightness(frame: av.VideoFrame) -> float:
    grey = frame.reformat(width=16, height=16, format="gray")
    plane = memoryview(grey.planes[0])
    rows = [plane[row * grey.planes[0].line_size :][:16] for row in range(16)]
    return sum(sum(row) for row in rows) / 256


def _upright(frame: av.VideoFrame) -> Image.Image:
    scale = min(SIDE_PX_MAX / max(frame.width, frame.height), 1)
    width, height = max(round(frame.width * scale), 1), max(round(frame.height * scale), 1)
    picture = cast("Image.Image", frame.to_image(width=width, height=height))  # not annotated there
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


if __name__ == "__main__":
    main()
