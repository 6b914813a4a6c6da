"""GIF: only the frames, their timing and the loop are kept."""

from __future__ import annotations

from services.renderer.metadata.clean import Clean, UnreadableMediaError, shown_size

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION, _PLAIN_TEXT = 0xF9, 0xFF, 0x01
# How often to repeat: eleven bytes of name, then three of which the first is 1.
_LOOPING = frozenset({b"\x0bNETSCAPE2.0\x03\x01", b"\x0bANIMEXTS1.0\x03\x01"})
_LOOPING_BYTES = 16
_HAS_TABLE = 0x80


def is_gif(data: bytes) -> bool:
    """Whether it begins as GIF does."""
    return data[:6] in {b"GIF87a", b"GIF89a"}


def clean_gif(data: bytes) -> Clean:
    """Keep frames, their timing and the loop; raises ``UnreadableMediaError``."""
    return _Reader(data).clean()


class _Reader:
    """Goes through the blocks once, from the header to the trailer."""

    def __init__(self, data: bytes) -> None:
        self._view = memoryview(data)
        self._at = 0
        self._parts: list[bytes | memoryview] = []
        self._control: memoryview | None = None
        self._delays: list[int] = []

    def clean(self) -> Clean:
        screen = self._take(13)
        self._parts.append(screen)
        self._table(screen[10])
        while (kind := self._take(1)[0]) != _TRAILER:
            if kind == _IMAGE:
                self._image()
            elif kind == _EXTENSION:
                self._extension()
            else:
                raise UnreadableMediaError("a GIF block that nobody knows")
        if not self._delays:
            raise UnreadableMediaError("a GIF without a picture")
        width, height = shown_size(
            int.from_bytes(screen[6:8], "little"), int.from_bytes(screen[8:10], "little"), 1
        )
        moves = len(self._delays) > 1
        return Clean(
            data=b"".join([*self._parts, bytes((_TRAILER,))]),
            mime="image/gif",
            width_px=width,
            height_px=height,
            duration_s=sum(self._delays) / 100 if moves else 0.0,
            animated=moves,
        )

    def _image(self) -> None:
        if self._control is not None:
            self._parts.append(self._control)
        self._delays.append(int.from_bytes(self._control[4:6], "little") if self._control else 0)
        self._control = None
        descriptor = self._take(9)
        self._parts += [bytes((_IMAGE,)), descriptor]
        self._table(descriptor[8])
        self._parts.append(self._take(1))  # size of the smallest code
        self._parts.append(self._blocks())

    def _extension(self) -> None:
        start = self._at - 1
        label = self._take(1)[0]
        body = self._blocks()
        if label == _CONTROL and len(body) == 6 and body[0] == 4:
            self._control = self._view[start : self._at]
        elif label == _PLAIN_TEXT:
            self._control = None  # it belongs to the text, which is left out
        elif label == _APPLICATION and bytes(body[:14]) in _LOOPING:
            self._parts += [b"\x21\xff", body[:_LOOPING_BYTES], b"\x00"]

    def _table(self, flags: int) -> None:
        if flags & _HAS_TABLE:
            self._parts.append(self._take(3 << (flags & 0x07) + 1))

    def _blocks(self) -> memoryview:
        """Sub-blocks up to and with the empty one that ends them."""
        start = self._at
        while size := self._take(1)[0]:
            self._take(size)
        return self._view[start : self._at]

    def _take(self, size: int) -> memoryview:
        part = self._view[self._at : self._at + size]
        if len(part) != size:
            raise UnreadableMediaError("a GIF that is cut off")
        self._at += size
        return part
