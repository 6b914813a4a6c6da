"""WAV: the shape of the samples, and the samples."""

from __future__ import annotations

from collections.abc import Iterator

from services.renderer.metadata.clean import Clean, UnreadableMediaError

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SHAPE_BYTES = {_PCM: 16, _FLOAT: 16, _EXTENSIBLE: 40}


def is_wav(data: bytes) -> bool:
    """Whether it begins as WAV does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def clean_wav(data: bytes) -> Clean:
    """Keep the samples; raises ``UnreadableMediaError``, also when they are packed."""
    shape, samples = b"", None
    for kind, body in _chunks(data):
        if kind == b"fmt " and not shape:
            shape = _shape(bytes(body[:40]))
        elif kind == b"data" and samples is None:
            samples = body
    if not shape or samples is None:
        raise UnreadableMediaError("a WAV without a sound")
    per_second = int.from_bytes(shape[4:8], "little") * int.from_bytes(shape[12:14], "little")
    if not per_second:
        raise UnreadableMediaError("a WAV without a rate")
    parts: list[bytes | memoryview] = [b"fmt ", len(shape).to_bytes(4, "little"), shape]
    parts += [b"data", len(samples).to_bytes(4, "little"), samples, bytes(len(samples) % 2)]
    size = sum(len(part) for part in parts) + 4
    return Clean(
        data=b"".join([b"RIFF", size.to_bytes(4, "little"), b"WAVE", *parts]),
        mime="audio/wav",
        duration_s=len(samples) / per_second,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view = memoryview(data)[: 8 + int.from_bytes(data[4:8], "little")]
    at = 12
    while at + 8 <= len(view):
        size = int.from_bytes(view[at + 4 : at + 8], "little")
        body = view[at + 8 : at + 8 + size]
        if len(body) != size:
            raise UnreadableMediaError("a WAV chunk that is not whole")
        yield bytes(view[at : at + 4]), body
        at += 8 + size + size % 2


def _shape(told: bytes) -> bytes:
    """As much of it as its kind of samples needs; raises when they are of another kind."""
    size = _SHAPE_BYTES.get(int.from_bytes(told[:2], "little"), 0)
    if not size or len(told) < size:
        raise UnreadableMediaError("a WAV whose samples are packed")
    return told[:size]
