"""WebP: only the chunks that paint are kept, in still pictures and in each frame of moving ones."""

from __future__ import annotations

from collections.abc import Iterator

from services.renderer.metadata import exif
from services.renderer.metadata.clean import Clean, UnreadableMediaError, shown_size

_FRAME = b"ANMF"
_FRAME_HEADER_BYTES = 16
_EXTENDED = b"VP8X"
_EXTENDED_BYTES = 10
_EXIF = b"EXIF"
_PICTURE = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_ANIMATION = b"ANIM"
_ANIMATION_BYTES = 6
_HAS_EXIF, _HAS_XMP, _HAS_PROFILE = 0x08, 0x04, 0x20

_Parts = list[bytes | memoryview]


def is_webp(data: bytes) -> bool:
    """Whether it begins as WebP does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def clean_webp(data: bytes) -> Clean:
    """Keep what paints and the orientation; raises ``UnreadableMediaError``."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) + 1 or end < 12:  # some writers leave the last padding byte out
        raise UnreadableMediaError("a WebP that is cut off")
    kept: list[tuple[bytes, memoryview | bytes]] = []
    frames: list[int] = []
    turned = exif.UPRIGHT
    for kind, body in _chunks(memoryview(data)[12:end]):
        if kind in _PICTURE or (kind == _ANIMATION and len(body) == _ANIMATION_BYTES):
            kept.append((kind, body))
        elif kind == _EXTENDED and not kept and len(body) >= _EXTENDED_BYTES:
            kept.append((kind, body[:_EXTENDED_BYTES]))
        elif kind == _FRAME:
            kept.append((kind, _frame(body)))
            frames.append(int.from_bytes(body[12:15], "little"))
        elif kind == _EXIF:
            turned = exif.orientation(bytes(body).removeprefix(b"Exif\x00\x00"))
    if not any(kind in _PICTURE or kind == _FRAME for kind, _ in kept):
        raise UnreadableMediaError("a WebP without a picture")
    width, height = shown_size(*_size(*kept[0]), turned)
    if kept[0][0] == _EXTENDED:
        kept[0] = _EXTENDED, _flagged(bytes(kept[0][1]), turned)
        if turned != exif.UPRIGHT:
            kept.append((_EXIF, exif.block(turned)))
    parts = [part for kind, body in kept for part in _chunk(kind, body)]
    size = sum(len(part) for part in parts) + 4
    moves = len(frames) > 1
    return Clean(
        data=b"".join([b"RIFF", size.to_bytes(4, "little"), b"WEBP", *parts]),
        mime="image/webp",
        width_px=width,
        height_px=height,
        duration_s=sum(frames) / 1000 if moves else 0.0,
        animated=moves,
    )


def _chunks(view: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(view):
        length = int.from_bytes(view[at + 4 : at + 8], "little")
        body = view[at + 8 : at + 8 + length]
        if len(body) != length:
            raise UnreadableMediaError("a WebP chunk that is not whole")
        yield bytes(view[at : at + 4]), body
        at += 8 + length + length % 2


def _frame(body: memoryview) -> bytes:
    parts: _Parts = []
    for kind, picture in _chunks(body[_FRAME_HEADER_BYTES:]):
        if kind in _PICTURE:
            parts += _chunk(kind, picture)
    if len(body) < _FRAME_HEADER_BYTES or not parts:
        raise UnreadableMediaError("a WebP frame without a picture")
    return b"".join([body[:_FRAME_HEADER_BYTES], *parts])


def _size(kind: bytes, body: bytes | memoryview) -> tuple[int, int]:
    """Size out of a file's first chunk; raises when it is no such chunk."""
    if kind == _EXTENDED:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= 10:
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    if kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise UnreadableMediaError("a WebP without a size")


def _flagged(body: bytes, turned: int) -> bytes:
    flags = body[0] & ~(_HAS_EXIF | _HAS_XMP | _HAS_PROFILE)
    return bytes((flags if turned == exif.UPRIGHT else flags | _HAS_EXIF,)) + body[1:]


def _chunk(kind: bytes, body: bytes | memoryview) -> _Parts:
    return [kind, len(body).to_bytes(4, "little"), body, bytes(len(body) % 2)]
