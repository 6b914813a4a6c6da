"""MP3: its frames one behind the other, and nothing between, before or behind them."""

from __future__ import annotations

from msgspec import Struct

from services.renderer.metadata.clean import Clean, UnreadableMediaError
from services.renderer.metadata.crc import mirrored_crc16
from services.renderer.metadata.tags import start_without_tags, tag_at

_RATES = (44100, 48000, 32000)
# kbit/s of MPEG 1 and of MPEG 2 and 2.5, layer III.
_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_MPEG_1, _RESERVED = 3, 1
_LAYER_3 = 1
_MONO = 3
# Where the tag of a first frame that is none stands: behind the side information.
_SIDE_BYTES = {(True, True): 17, (True, False): 32, (False, True): 9, (False, False): 17}
_TAGS = frozenset({b"Xing", b"Info"})
# Number of frames, of bytes, a table of contents and the quality, by flag.
_TOLD_BYTES = ((1, 4), (2, 4), (4, 100), (8, 4))
_LAME_BYTES = 36
_PROGRAM_BYTES = 9
_PROGRAMS = (b"LAME", b"Lavf", b"Lavc")


class _Frame(Struct, frozen=True, kw_only=True):
    """Sizes are in bytes."""

    size: int
    side: int
    samples: int
    rate: int


def is_mp3(data: bytes) -> bool:
    """Whether two frames of MP3 follow each other at its start, behind tags or not."""
    at = start_without_tags(data)
    first = _frame(data, at)
    return first is not None and (
        len(data) == at + first.size
        or _frame(data, at + first.size) is not None
        or tag_at(data, at + first.size) > 0
    )


def clean_mp3(data: bytes) -> Clean:
    """Keep the frames; raises ``UnreadableMediaError`` when something unknown stands among them."""
    view = memoryview(data)
    at = start_without_tags(data)
    first = _frame(data, at)
    if first is None or at + first.size > len(data):
        raise UnreadableMediaError("an MP3 without a frame")
    parts: list[bytes | memoryview] = []
    told = _told(data[at : at + first.size], first)
    samples = 0
    if told is not None:
        parts.append(told)
        samples -= _cut_off(told, first)
        at += first.size
    began = at
    while at < len(data):
        frame = _frame(data, at)
        if frame is not None and at + frame.size <= len(data):
            samples += frame.samples
            at += frame.size
            continue
        parts.append(view[began:at])
        skipped = tag_at(data, at)
        if not skipped and any(view[at:]):
            raise UnreadableMediaError("an MP3 that is cut off, or has something among its frames")
        began = at = at + skipped if skipped else len(data)
    parts.append(view[began:at])
    if samples <= 0:
        raise UnreadableMediaError("an MP3 without a sound")
    return Clean(data=b"".join(parts), mime="audio/mpeg", duration_s=samples / first.rate)


def _frame(data: bytes, at: int) -> _Frame | None:
    """The frame that begins at *at*, if one does."""
    header = data[at : at + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == _RESERVED or layer != _LAYER_3 or bitrate in {0, 15} or rate == 3:
        return None
    one = version == _MPEG_1
    rate_hz = _RATES[rate] >> (0 if one else 2 if version == 0 else 1)
    samples = 1152 if one else 576
    size = samples // 8 * _BITRATES[0 if one else 1][bitrate] * 1000 // rate_hz + (header[2] >> 1 & 1)
    side = _SIDE_BYTES[one, header[3] >> 6 == _MONO]
    return _Frame(size=size, side=side, samples=samples, rate=rate_hz)


def _told(frame: bytes, shape: _Frame) -> bytes | None:
    """
    A first frame that holds no sound but tells of those that do; nothing when it is none of these.

    The program's name goes, but not its first letters: by those players know that the delay behind
    it, which they cut off, is meant.
    """
    at = 4 + shape.side
    if frame[at : at + 4] not in _TAGS:
        return None
    lame = _lame(frame, at)
    end = lame + _LAME_BYTES
    clean = bytearray(frame)
    clean[4:at] = bytes(shape.side)  # of no sound
    if frame[lame : lame + 4] not in _PROGRAMS or end > len(frame):
        clean[lame:] = bytes(max(len(frame) - lame, 0))
        return bytes(clean)
    clean[lame + 4 : lame + _PROGRAM_BYTES] = bytes(_PROGRAM_BYTES - 4)
    clean[end:] = bytes(len(frame) - end)
    clean[end - 2 : end] = mirrored_crc16(bytes(clean[: end - 2])).to_bytes(2, "big")
    return bytes(clean)


def _cut_off(told: bytes, shape: _Frame) -> int:
    """Samples that the encoder put before and behind the sound."""
    place = _lame(told, 4 + shape.side) + _PROGRAM_BYTES + 12
    both = int.from_bytes(told[place : place + 3], "big")
    return (both >> 12) + (both & 0xFFF)


def _lame(frame: bytes, at: int) -> int:
    """Where LAME's part of the tag at *at* stands, behind what its flags promise."""
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    return min(at + 8 + sum(size for flag, size in _TOLD_BYTES if flags & flag), len(frame))
