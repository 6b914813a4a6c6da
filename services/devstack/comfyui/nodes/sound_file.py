"""Sounds as files: what ComfyUI's audio nodes write and read, by the library that it uses too."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Literal, cast

import av

from services.devstack.comfyui.values import Sound

SoundFormat = Literal["flac", "mp3", "opus"]

_CODECS = {"flac": "flac", "mp3": "libmp3lame", "opus": "libopus"}
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_SAMPLE_BYTES = 4


def encoded(sound: Sound, format_: SoundFormat, quality: str, tags: Mapping[str, str]) -> bytes:
    """
    *sound* as a file with *tags* in it.

    Args:
        sound: What to encode.
        format_: Also how the file's name ends.
        quality: As the node offers it, like ``128k`` or ``V0``; FLAC needs none.
        tags: The prompt, and what else the client sent along.
    """
    rate = _opus_rate(sound.rate) if format_ == "opus" else sound.rate
    buffer = BytesIO()
    with av.open(buffer, mode="w", format=format_) as output:
        output.metadata.update(tags)
        stream = cast("av.AudioStream", output.add_stream(_CODECS[format_], rate=rate, layout=sound.layout))
        if quality == "V0":
            stream.codec_context.qscale = True
        elif format_ != "flac":
            stream.bit_rate = int(quality.removesuffix("k")) * 1000
        resampler = av.AudioResampler(stream.codec_context.format, sound.layout, rate)
        for frame in (*resampler.resample(frame_of(sound)), *resampler.resample(None)):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def frame_of(sound: Sound) -> av.AudioFrame:
    """All of *sound* in one frame."""
    frame = av.AudioFrame(format="flt", layout=sound.layout, samples=sound.length)
    plane = frame.planes[0]
    plane.update(sound.samples + bytes(plane.buffer_size - len(sound.samples)))
    frame.sample_rate, frame.pts = sound.rate, 0
    return frame


def decoded(path: Path) -> Sound:
    """
    The sound in a file, of a video too.

    Raises:
        ValueError: There is none.
        av.error.FFmpegError: It can't be read.
    """
    with av.open(path, "r") as source:
        if not source.streams.audio:
            raise ValueError("No audio stream found in the file.")
        stream = source.streams.audio[0]
        channels = min(stream.codec_context.channels, 2)
        layout = "mono" if channels == 1 else "stereo"
        resampler = av.AudioResampler("flt", layout, stream.codec_context.sample_rate)
        samples = bytearray()
        for given in source.decode(stream):
            for frame in resampler.resample(given):
                samples += bytes(frame.planes[0])[: frame.samples * channels * _SAMPLE_BYTES]
        if not samples:
            raise ValueError("No audio frames decoded.")
        return Sound(samples=bytes(samples), rate=stream.codec_context.sample_rate, channels=channels)


def _opus_rate(rate: int) -> int:
    return next((one for one in _OPUS_RATES if one >= rate), _OPUS_RATES[-1])
