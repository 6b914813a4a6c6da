"""Checksums that Python's library has not: Ogg's, FLAC's and LAME's."""

from __future__ import annotations

import zlib

_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    table: list[int] = []
    for value in range(256):
        rest = value << bits - 8
        for _ in range(8):
            rest = rest << 1 ^ (polynomial if rest >> bits - 1 else 0)
            rest &= (1 << bits) - 1
        table.append(rest)
    return tuple(table)


_CRC8 = _table(0x07, 8)
_CRC16 = _table(0x8005, 16)


def crc8(data: bytes) -> int:
    """FLAC's check of a frame header."""
    rest = 0
    for byte in data:
        rest = _CRC8[rest ^ byte]
    return rest


def crc16(data: bytes) -> int:
    """FLAC's check of a frame; 0 over a frame with its check behind it."""
    rest = 0
    for byte in data:
        rest = (rest << 8 & 0xFFFF) ^ _CRC16[rest >> 8 ^ byte]
    return rest


def mirrored_crc16(data: bytes) -> int:
    """LAME's check of its own tag: the same, with all bits the other way round."""
    return int(f"{crc16(data.translate(_MIRRORED)):016b}"[::-1], 2)


def ogg_crc(page: bytes) -> int:
    """
    Ogg's check of a page whose own field is zero.

    It is zlib's with all bits the other way round, and without zlib's inversions.
    """
    rest = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(rest.to_bytes(4, "little").translate(_MIRRORED), "big")
