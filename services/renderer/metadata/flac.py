"""FLAC: what describes the sound and finds places in it is kept, and the sound."""

from __future__ import annotations

from services.renderer.metadata.clean import Clean, UnreadableMediaError
from services.renderer.metadata.crc import crc8, crc16
from services.renderer.metadata.flac_block import MARK, NEEDED, STREAM, STREAM_BYTES, flac_blocks
from services.renderer.metadata.tags import end_without_tags, start_without_tags

_FRAME_BYTES_MAX = 4 << 20  # more than 65535 samples of eight channels take
_TRIES_MAX = 8
_LAST = 0x80
_SIZES = {
    1: 192,
    **{code: 576 << code - 2 for code in range(2, 6)},
    **{code: 256 << code - 8 for code in range(8, 16)},
}
_SIZE_BYTES = {6: 1, 7: 2}
_RATE_BYTES = {12: 1, 13: 2, 14: 2}


def is_flac(data: bytes) -> bool:
    """Whether it begins as FLAC does, behind tags or not."""
    at = start_without_tags(data)
    return data[at : at + 4] == MARK


def clean_flac(data: bytes) -> Clean:
    """Keep the sound; raises ``UnreadableMediaError``, also when something else stands behind it."""
    start = start_without_tags(data) + len(MARK)
    end = end_without_tags(data, start)
    view = memoryview(data)
    blocks = list(flac_blocks(data, start, end))
    stream = blocks[0]
    if stream.kind != STREAM or stream.end - stream.body != STREAM_BYTES:
        raise UnreadableMediaError("a FLAC without a description of its sound")
    block_size = int.from_bytes(view[stream.body + 2 : stream.body + 4], "big")
    rate = int.from_bytes(view[stream.body + 10 : stream.body + 13], "big") >> 4
    told = int.from_bytes(view[stream.body + 13 : stream.body + 18], "big") & (1 << 36) - 1
    samples = _samples(data, blocks[-1].end, end, block_size)
    if not rate or told not in {0, samples}:
        raise UnreadableMediaError("a FLAC that does not hold what it says")
    kept = [block for block in blocks if block.kind in NEEDED]
    parts: list[bytes | memoryview] = [MARK]
    for block in kept:
        last = _LAST if block is kept[-1] else 0
        parts += [bytes((block.kind | last,)), view[block.start + 1 : block.end]]
    parts.append(view[blocks[-1].end : end])
    return Clean(data=b"".join(parts), mime="audio/flac", duration_s=samples / rate)


def _samples(data: bytes, start: int, end: int, block_size: int) -> int:
    """
    Samples up to the end, by the last frame, which has to reach it: its checksum tells.

    Frames do not say how long they are, so this is how one knows that nothing else stands behind them.
    """
    at, tries = end, 0
    while tries < _TRIES_MAX:
        at = data.rfind(b"\xff", max(start, end - _FRAME_BYTES_MAX), at)
        if at < 0:
            break
        samples = _frame_end(data, at, block_size)
        if samples is not None:
            if crc16(data[at:end]) == 0:
                return samples
            tries += 1
    raise UnreadableMediaError("a FLAC that is cut off, or has something behind it")


def _frame_end(data: bytes, at: int, block_size: int) -> int | None:
    """Number of the first sample behind the frame at *at*; nothing when none begins there."""
    header = data[at : at + 16]
    if len(header) < 6 or header[1] & 0xFE != 0xF8:
        return None
    varies, code = header[1] & 1, header[2] >> 4
    number, place = _number(header, 4)
    more = _SIZE_BYTES.get(code, 0)
    size = int.from_bytes(header[place : place + more], "big") + 1 if more else _SIZES.get(code)
    place += more + _RATE_BYTES.get(header[2] & 0x0F, 0)
    if size is None or place >= len(header) or crc8(header[:place]) != header[place]:
        return None
    return number + size if varies else number * block_size + size


def _number(header: bytes, at: int) -> tuple[int, int]:
    """The number at *at*, written as UTF-8 writes characters but with up to 36 bits, and what is behind."""
    first = header[at]
    length = 8 - (first ^ 0xFF).bit_length()  # how many ones it begins with; none for a number of one byte
    number = first & 0x7F >> length
    for byte in header[at + 1 : at + max(length, 1)]:
        number = number << 6 | byte & 0x3F
    return number, at + max(length, 1)
