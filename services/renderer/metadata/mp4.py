"""
MP4: boxes that only tell become empty ``free`` boxes of the same size, and times become zero.

Nothing moves, because the sample tables hold offsets from the start of the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata.clean import Clean, UnreadableMediaError

_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"}
)
# What the file consists of; whatever else lies beside these only tells.
_TOP = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"sidx", b"mfra", b"styp"})
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex"})
_TELLING = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip"})
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_PICTURE_ENTRIES = frozenset({b"avc1", b"avc3", b"hvc1", b"hev1", b"mp4v", b"vp09", b"av01"})
_DEPTH_MAX = 8


class _Box(Struct, frozen=True, kw_only=True):
    kind: bytes
    start: int
    body: int
    end: int


class _Found:
    """What was seen on the way."""

    def __init__(self) -> None:
        self.width_px = 0
        self.height_px = 0
        self.duration_s = 0.0
        self.has_data = False


def is_mp4(data: bytes) -> bool:
    """Whether it begins as MP4 does; AVIF, HEIC and QuickTime begin alike but are other formats."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def clean_mp4(data: bytes) -> Clean:
    """Blank what only tells; raises ``UnreadableMediaError``."""
    buffer, found = bytearray(data), _Found()
    for box in _boxes(data, 0, len(data)):
        if box.kind in _TOP:
            found.has_data |= box.kind == b"mdat"
            _visit(buffer, box, found, 0)
        else:
            _blank(buffer, box)
    if not found.has_data or found.width_px < 1 or found.height_px < 1:
        raise UnreadableMediaError("an MP4 without a moving picture")
    return Clean(
        data=bytes(buffer),
        mime="video/mp4",
        width_px=found.width_px,
        height_px=found.height_px,
        duration_s=found.duration_s,
    )


def _visit(buffer: bytearray, box: _Box, found: _Found, depth: int) -> None:
    if depth > _DEPTH_MAX:
        raise UnreadableMediaError("an MP4 nested too deep")
    if box.kind in _TIMED:
        _forget_times(buffer, box)
        _measure(buffer, box, found)
    elif box.kind == b"hdlr":
        # Version and flags, predefined, handler type, reserved; then the name of the program that wrote it.
        _zero(buffer, min(box.body + 24, box.end), box.end)
    elif box.kind == b"stsd":
        for entry in _boxes(buffer, min(box.body + 8, box.end), box.end):
            if entry.kind in _PICTURE_ENTRIES:
                # The compressor's name: 32 bytes after the size, the resolution and the frame count.
                _zero(buffer, min(entry.body + 42, entry.end), min(entry.body + 74, entry.end))
    elif box.kind in _CONTAINERS:
        for inner in _boxes(buffer, box.body, box.end):
            if inner.kind in _TELLING:
                _blank(buffer, inner)
            else:
                _visit(buffer, inner, found, depth + 1)


def _boxes(data: bytes | bytearray, at: int, end: int) -> Iterator[_Box]:
    while at < end:
        size, body = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if body > end or at + size > end or at + size < body:
            raise UnreadableMediaError("an MP4 box that is not whole")
        yield _Box(kind=bytes(data[at + 4 : at + 8]), start=at, body=body, end=at + size)
        at += size


def _blank(buffer: bytearray, box: _Box) -> None:
    buffer[box.start + 4 : box.start + 8] = b"free"
    _zero(buffer, box.body, box.end)


def _forget_times(buffer: bytearray, box: _Box) -> None:
    """Creation and modification: 32 bits each in version 0, 64 in version 1."""
    wide = _wide(buffer, box)
    if box.end - box.body < (36 if wide else 24):
        raise UnreadableMediaError("an MP4 header that is too short")
    _zero(buffer, box.body + 4, box.body + (20 if wide else 12))


def _measure(buffer: bytearray, box: _Box, found: _Found) -> None:
    if box.kind == b"tkhd":
        # The last two fields, 16.16 fixed point; 0 for sound.
        found.width_px = max(found.width_px, int.from_bytes(buffer[box.end - 8 : box.end - 6], "big"))
        found.height_px = max(found.height_px, int.from_bytes(buffer[box.end - 4 : box.end - 2], "big"))
    elif box.kind == b"mvhd":
        at, width = (box.body + 20, 8) if _wide(buffer, box) else (box.body + 12, 4)
        scale = int.from_bytes(buffer[at : at + 4], "big")
        length = int.from_bytes(buffer[at + 4 : at + 4 + width], "big")
        found.duration_s = length / scale if scale else 0.0


def _wide(buffer: bytearray, box: _Box) -> bool:
    return box.body < box.end and buffer[box.body] == 1


def _zero(buffer: bytearray, start: int, end: int) -> None:
    buffer[start:end] = bytes(max(end - start, 0))
