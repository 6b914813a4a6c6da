"""PNG, still and animated: only the chunks that paint are kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata import exif
from services.renderer.metadata.clean import Clean, UnreadableMediaError, shown_size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PAINTING = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"})
# Colour spaces by number. A colour profile (iCCP) is left out: it can name the device it was made for.
_COLOUR_BYTES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_EXIF = b"eXIf"
_FRAME_BYTES = 26


class _Chunk(Struct, frozen=True, kw_only=True):
    """Views of the file: nothing of a large picture is copied on the way."""

    kind: bytes
    body: memoryview
    whole: memoryview


def is_png(data: bytes) -> bool:
    """Whether it begins as PNG does."""
    return data.startswith(_SIGNATURE)


def clean_png(data: bytes) -> Clean:
    """Keep what paints and the orientation; raises ``UnreadableMediaError``."""
    kept: list[_Chunk] = []
    turned = exif.UPRIGHT
    for chunk in _chunks(data):
        if chunk.kind in _PAINTING or _COLOUR_BYTES.get(chunk.kind) == len(chunk.body):
            kept.append(chunk)
        elif chunk.kind == _EXIF:
            turned = exif.orientation(bytes(chunk.body))
    kinds = [chunk.kind for chunk in kept]
    if kinds[:1] != [b"IHDR"] or len(kept[0].body) != 13 or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise UnreadableMediaError("a PNG without its parts")
    width, height = shown_size(*struct.unpack_from(">II", kept[0].body), turned)
    parts: list[bytes | memoryview] = [_SIGNATURE, *(chunk.whole for chunk in kept)]
    if turned != exif.UPRIGHT:
        parts.insert(2, _chunk(_EXIF, exif.block(turned)))
    delays = [_delay_s(chunk.body) for chunk in kept if chunk.kind == b"fcTL"]
    moves = b"acTL" in kinds and len(delays) > 1
    return Clean(
        data=b"".join(parts),
        mime="image/png",
        width_px=width,
        height_px=height,
        duration_s=sum(delays) if moves else 0.0,
        animated=moves,
    )


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Each chunk up to IEND; what follows it is nobody's."""
    view = memoryview(data)
    at = len(_SIGNATURE)
    while at + 12 <= len(view):
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        if bytes(view[end - 4 : end]) != zlib.crc32(view[at + 4 : end - 4]).to_bytes(4, "big"):
            raise UnreadableMediaError("a PNG chunk that is not whole")
        kind = bytes(view[at + 4 : at + 8])
        yield _Chunk(kind=kind, body=view[at + 8 : end - 4], whole=view[at:end])
        if kind == b"IEND":
            return
        at = end
    raise UnreadableMediaError("a PNG that is cut off")


def _delay_s(frame: memoryview) -> float:
    """How long a frame of an animation stands."""
    if len(frame) != _FRAME_BYTES:
        raise UnreadableMediaError("a PNG frame that is not whole")
    numerator, denominator = struct.unpack_from(">HH", frame, 20)
    return float(numerator / (denominator or 100))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
