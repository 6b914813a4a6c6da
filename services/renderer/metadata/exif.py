"""The one thing in EXIF that changes what a picture shows: which side is up."""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_SHORT = 3
UPRIGHT = 1


def orientation(tiff: bytes) -> int:
    """Orientation 1 to 8 out of an EXIF block (from its TIFF header on); 1 when it says nothing sound."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * index)
            if tag == _ORIENTATION and kind == _SHORT and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def block(turned: int) -> bytes:
    """An EXIF block (from its TIFF header on) that says nothing but the orientation."""
    entry = struct.pack("<HHIHH", _ORIENTATION, _SHORT, 1, turned, 0)
    return b"II*\x00" + struct.pack("<IH", 8, 1) + entry + bytes(4)
