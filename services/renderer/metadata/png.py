"""PNG: only the chunks that paint are kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from services.renderer.metadata import exif
from services.renderer.metadata.clean import Clean, UnreadableMediaError, shown_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PAINTING = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"})
# Colour spaces by number. A colour profile (iCCP) is left out: it can name the device it was made for.
_COLOUR_BYTES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_EXIF = b"eXIf"


def clean_png(data: bytes) -> Clean:
    """Keep what paints and the orientation; raises ``UnreadableMediaError``."""
    kept: list[tuple[bytes, bytes]] = []
    turned = exif.UPRIGHT
    for kind, body in _chunks(data):
        if kind in _PAINTING or _COLOUR_BYTES.get(kind) == len(body):
            kept.append((kind, body))
        elif kind == _EXIF:
            turned = exif.orientation(body)
    kinds = [kind for kind, _ in kept]
    if kinds[:1] != [b"IHDR"] or len(kept[0][1]) != 13 or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise UnreadableMediaError("a PNG without its parts")
    width, height = shown_size(*struct.unpack_from(">II", kept[0][1]), turned)
    if turned != exif.UPRIGHT:
        kept.insert(1, (_EXIF, exif.block(turned)))
    return Clean(
        data=SIGNATURE + b"".join(_chunk(kind, body) for kind, body in kept),
        mime="image/png",
        width_px=width,
        height_px=height,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each chunk up to IEND; what follows it is nobody's."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        checksum = data[at + 8 + length : at + 12 + length]
        if checksum != zlib.crc32(kind + body).to_bytes(4, "big"):
            raise UnreadableMediaError("a PNG chunk that is not whole")
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length
    raise UnreadableMediaError("a PNG that is cut off")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
