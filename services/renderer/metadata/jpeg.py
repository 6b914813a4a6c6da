"""JPEG: only the segments that decode the picture are kept."""

from __future__ import annotations

from services.renderer.metadata import exif
from services.renderer.metadata.clean import Clean, UnreadableMediaError, shown_size

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODING = _FRAMES | {0xC4, 0xCC, 0xDB, 0xDC, 0xDD, _SOS}  # tables, line count, restart interval, scan


def is_jpeg(data: bytes) -> bool:
    """Whether it begins as JPEG does."""
    return data.startswith(b"\xff\xd8\xff")


def clean_jpeg(data: bytes) -> Clean:
    """Keep what decodes and the orientation; raises ``UnreadableMediaError``."""
    kept: list[bytes | memoryview] = []
    view = memoryview(data)
    size: tuple[int, int] | None = None
    turned, scans, at = exif.UPRIGHT, 0, 2
    while True:
        marker, at = _marker(data, at)
        if marker == _EOI:
            break
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            raise UnreadableMediaError("a JPEG segment that is not whole")
        at += length
        if marker in _FRAMES and len(body) >= 5:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        if marker == _APP1 and body.startswith(b"Exif\x00\x00"):
            turned = exif.orientation(body[6:])
        if kept_part := _kept(marker, body):
            kept.append(kept_part)
        if marker == _SOS:
            scans += 1
            end = _scan_end(data, at)
            kept.append(view[at:end])
            at = end
    if size is None or not scans:
        raise UnreadableMediaError("a JPEG without a picture")
    width, height = shown_size(*size, turned)
    if turned != exif.UPRIGHT:
        # JFIF's own segment has to be the first.
        place = 1 if kept[0][1] == _APP0 else 0
        kept.insert(place, _segment(_APP1, b"Exif\x00\x00" + exif.block(turned)))
    return Clean(
        data=b"".join([b"\xff\xd8", *kept, b"\xff\xd9"]),
        mime="image/jpeg",
        width_px=width,
        height_px=height,
    )


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at *at*, and where what belongs to it begins."""
    if data[at : at + 1] != b"\xff":
        raise UnreadableMediaError("a JPEG without a marker where one must be")
    while data[at : at + 1] == b"\xff":  # any number of fill bytes may stand before a marker
        at += 1
    if at >= len(data):
        raise UnreadableMediaError("a JPEG that is cut off")
    return data[at], at + 1


def _kept(marker: int, body: bytes) -> bytes:
    """The segment as it goes on, empty when it does not."""
    if marker in _DECODING:
        return _segment(marker, body)
    if marker == _APP0 and body.startswith(b"JFIF\x00") and len(body) >= 12:
        return _segment(_APP0, body[:12] + b"\x00\x00")  # without the thumbnail
    if marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
        return _segment(_APP14, body[:12])  # says which colours the numbers are
    return b""


def _scan_end(data: bytes, at: int) -> int:
    """Where the marker after a scan's data stands."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise UnreadableMediaError("a JPEG that is cut off")
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0x00 or following in _RESTARTS:
            at += 2
        else:
            return at


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
