"""Sounds with something planted in every place that a format has for it."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import av

from tests.unit.renderer.media import PLANTED

RATE = 48000
WORD = PLANTED.encode()


def noise(length_s: float, rate: int = RATE, layout: str = "stereo") -> Iterator[av.AudioFrame]:
    """Noise that is the same every time."""
    dice = random.Random(7)
    left, at = round(length_s * rate), 0
    while left:
        size = min(left, 1024)
        frame = av.AudioFrame(format="s16", layout=layout, samples=size)
        wanted = size * 2 * len(frame.layout.channels)
        frame.planes[0].update(dice.randbytes(wanted) + bytes(frame.planes[0].buffer_size - wanted))
        frame.sample_rate, frame.pts = rate, at
        at, left = at + size, left - size
        yield frame


def sound(format_: str, codec: str, *, length_s: float = 0.5, rate: int = RATE, **options: str) -> bytes:
    """Noise, with the prompt in the file's tags as ComfyUI writes it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=format_) as container:
        container.metadata.update({"prompt": PLANTED * 6000, "title": PLANTED})
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        stream.codec_context.options = options
        resampler = av.AudioResampler(stream.codec_context.format, "stereo", rate)
        for frame in noise(length_s, rate):
            for one in resampler.resample(frame):
                container.mux(stream.encode(one))
        container.mux(stream.encode())
    return buffer.getvalue()


def id3v2() -> bytes:
    """A tag that stands before a sound."""
    size = len(WORD) + 10
    frame = b"TIT2" + (len(WORD) + 1).to_bytes(4, "big") + b"\0\0\0" + WORD
    return (
        b"ID3\x03\0\0"
        + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
        + frame[:size]
    )


def behind() -> bytes:
    """The tags that stand behind a sound: Lyrics3, APE and ID3."""
    lyrics = b"LYRICSBEGINLYR%05d" % len(WORD) + WORD
    item = len(WORD).to_bytes(4, "little") + bytes(4) + b"Title\0" + WORD
    size = (len(item) + 32).to_bytes(4, "little")
    ends = [
        b"APETAGEX" + (2000).to_bytes(4, "little") + size + b"\1\0\0\0" + flags + bytes(8)
        for flags in (b"\0\0\0\xa0", b"\0\0\0\x80")
    ]
    return (
        lyrics + b"%06dLYRICS200" % len(lyrics) + ends[0] + item + ends[1] + b"TAG" + WORD.ljust(125, b"\0")
    )


def stuffed_flac(data: bytes) -> bytes:
    """Blocks of every kind that only tells, and tags before and behind."""
    blocks = b"".join(bytes((kind,)) + len(WORD).to_bytes(3, "big") + WORD for kind in (1, 2, 4, 5, 6, 100))
    assert data[4] == 0, "the description of the stream comes first"
    return id3v2() + data[:42] + blocks + data[42:] + behind()


def stuffed_mp3(data: bytes) -> bytes:
    """A tag among the frames, tags behind, and words in the padding of the frame that has no sound."""
    at = data.index(b"Info") if b"Info" in data else data.index(b"Xing")
    padding, second = at + 156, data.index(b"\xff\xfb", at)
    if second - padding >= len(WORD):
        data = data[:padding] + WORD + data[padding + len(WORD) :]
    return data[:second] + id3v2() + data[second:] + behind()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of RIFF."""
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def stuffed_wav(data: bytes) -> bytes:
    """Chunks of every kind that only tells, before and behind the samples, and words behind it all."""
    words = b"".join(chunk(kind, WORD) for kind in (b"LIST", b"bext", b"id3 ", b"iXML", b"JUNK", b"cue "))
    body = data[12:]
    more = words + body + bytes(len(body) % 2) + words
    return b"RIFF" + (len(more) + 4).to_bytes(4, "little") + b"WAVE" + more + WORD


def heard(data: bytes) -> list[bytes]:
    """Every sample, as it is decoded."""
    with av.open(io.BytesIO(data)) as container:
        return [samples(frame) for frame in container.decode(audio=0)]


def samples(frame: av.AudioFrame) -> bytes:
    """A frame's samples, without what its buffers have behind them."""
    channels = 1 if frame.format.is_planar else len(frame.layout.channels)
    size = frame.samples * frame.format.bytes * channels
    return b"".join(bytes(plane)[:size] for plane in frame.planes)
