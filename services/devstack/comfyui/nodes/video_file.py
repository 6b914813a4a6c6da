"""Videos as files: what ComfyUI's video nodes write, by the library that it uses too."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import msgspec
from av.container import OutputContainer

from services.devstack.comfyui.values import Sound, Video

from .sound_file import frame_of

WEBM_CODECS = {"vp9": "libvpx-vp9", "av1": "libsvtav1"}

_SAMPLE_BYTES = 4
_QUICK = {"vp9": {"deadline": "realtime", "cpu-used": "8"}, "av1": {"preset": "12"}}


def write_mp4(path: Path, video: Video, tags: Mapping[str, str]) -> None:
    """
    Encode *video* as H.264 in MP4, and its sound as AAC.

    Raises:
        av.error.FFmpegError: The encoder refused, as it does for an odd width or height.
    """
    rate = Fraction(round(video.fps * 1000), 1000)
    with av.open(path, mode="w", options={"movflags": "use_metadata_tags"}) as output:
        output.metadata.update(tags)
        stream = output.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.pix_fmt = "yuv420p"
        heard = (
            output.add_stream("aac", rate=video.sound.rate, layout=video.sound.layout)
            if video.sound
            else None
        )
        _encode(output, stream, video)
        if heard is not None and video.sound is not None:
            length = math.ceil(video.sound.rate / rate * len(video.frames))
            frame = frame_of(_cut(video.sound, length))
            resampler = av.AudioResampler(heard.codec_context.format, video.sound.layout, video.sound.rate)
            for one in (*resampler.resample(frame), *resampler.resample(None)):
                output.mux(heard.encode(one))
            output.mux(heard.encode(None))


def write_webm(path: Path, video: Video, codec: str, crf: float, tags: Mapping[str, str]) -> None:
    """Encode *video* as one of ``WEBM_CODECS`` in WebM."""
    with ordinary_scheduling(), av.open(path, mode="w") as output:
        output.metadata.update(tags)
        rate = Fraction(round(video.fps * 1000), 1000)
        options = {"crf": str(crf), **_QUICK[codec]}
        stream = cast("av.VideoStream", output.add_stream(WEBM_CODECS[codec], rate=rate, options=options))
        stream.pix_fmt = "yuv420p10le" if codec == "av1" else "yuv420p"
        stream.bit_rate = 0
        _encode(output, stream, video)


@contextmanager
def ordinary_scheduling() -> Generator[None]:
    """
    Undo at the block's end what SVT-AV1 does to the thread that opens it.

    Run by root, it makes that thread a real-time one of the highest priority, which whatever is started from
    it inherits: everything else on the machine then waits for them.
    """
    policy, param = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, param)


def _encode(output: OutputContainer, stream: av.VideoStream, video: Video) -> None:
    stream.width, stream.height = video.frames[0].size
    for picture in video.frames:
        frame = cast("av.VideoFrame", av.VideoFrame.from_image(picture))  # not annotated there
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _cut(sound: Sound, length: int) -> Sound:
    return msgspec.structs.replace(sound, samples=sound.samples[: length * sound.channels * _SAMPLE_BYTES])
