"""Tags that stand before and behind a sound, whatever its format: ID3, APE and Lyrics3."""

from __future__ import annotations

_ID3_BYTES, _ID3_FOOTER = 10, 0x10
_ID3V1_BYTES, _ID3V1_MORE_BYTES = 128, 227
_APE_BYTES, _APE_HAS_HEADER = 32, 1 << 31
_LYRICS = b"LYRICS200"


def start_without_tags(data: bytes) -> int:
    """Where what is no tag begins; at most the end."""
    at = 0
    while size := _tag_at(data, at):
        at += size
    return min(at, len(data))


def end_without_tags(data: bytes, start: int) -> int:
    """Where what is no tag ends; at least *start*."""
    end = len(data)
    while size := _tag_before(data, end):
        end -= size
    return max(end, start)


def tag_at(data: bytes, at: int) -> int:
    """Size of the tag at *at*, wherever that is; 0 when there is none."""
    if data[at : at + 3] == b"TAG":
        return _ID3V1_MORE_BYTES if data[at + 3 : at + 4] == b"+" else _ID3V1_BYTES
    if data[at : at + 11] == b"LYRICSBEGIN":
        end = data.find(_LYRICS, at)
        return end + len(_LYRICS) - at if end >= 0 else 0
    return _tag_at(data, at)


def _tag_at(data: bytes, at: int) -> int:
    """Size of the ID3v2 or APE tag at *at*; 0 when there is none."""
    if data[at : at + 3] == b"ID3":
        header = data[at : at + _ID3_BYTES]
        if len(header) < _ID3_BYTES:
            return 0
        return _ID3_BYTES + _seven_bits(header[6:]) + (_ID3_BYTES if header[5] & _ID3_FOOTER else 0)
    if data[at : at + 8] == b"APETAGEX":
        # The size counts the footer and not the header.
        return _APE_BYTES + int.from_bytes(data[at + 12 : at + 16], "little")
    return 0


def _tag_before(data: bytes, end: int) -> int:
    """Size of the tag that ends at *end*; 0 when there is none."""
    size = 0
    if data[max(end - _ID3V1_BYTES, 0) : end][:3] == b"TAG" and end >= _ID3V1_BYTES:
        more = end - _ID3V1_BYTES - _ID3V1_MORE_BYTES
        size = _ID3V1_BYTES
        if more >= 0 and data[more : more + 4] == b"TAG+":
            size += _ID3V1_MORE_BYTES
    elif data[max(end - _APE_BYTES, 0) : end][:8] == b"APETAGEX":
        footer = data[end - _APE_BYTES : end]
        size = int.from_bytes(footer[12:16], "little")
        size += _APE_BYTES if int.from_bytes(footer[20:24], "little") & _APE_HAS_HEADER else 0
    elif data[max(end - _ID3_BYTES, 0) : end][:3] == b"3DI":
        size = 2 * _ID3_BYTES + _seven_bits(data[end - 4 : end])
    elif data[max(end - len(_LYRICS), 0) : end] == _LYRICS:
        digits = data[end - len(_LYRICS) - 6 : end - len(_LYRICS)]
        size = int(digits) + 6 + len(_LYRICS) if digits.isdigit() else 0
    return size if size <= end else 0


def _seven_bits(data: bytes) -> int:
    """A number of which each byte holds seven bits."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number
