"""Boxes of MP4 and QuickTime: where they begin and end, and how one is made to say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft


class Box(Struct, frozen=True, kw_only=True):
    """A box: its kind, and where its header, its body and what follows it begin."""

    kind: bytes
    start: int
    body: int
    end: int

    def require(self, size: int) -> None:
        """Raise ``UnreadableMediaError`` when the body has fewer than *size* bytes."""
        if self.end - self.body < size:
            raise UnreadableMediaError(f"an MP4 box {self.kind!r} that is too short")


def boxes(draft: Draft, at: int, end: int) -> Iterator[Box]:
    """The boxes from *at* to *end*; raises ``UnreadableMediaError`` when one is not whole."""
    while at < end:
        size, body = draft.number(at, 4), at + 8
        if size == 1:
            size, body = draft.number(at + 8, 8), at + 16
        elif size == 0:
            size = end - at
        if body > end or at + size > end or at + size < body:
            raise UnreadableMediaError("an MP4 box that is not whole")
        yield Box(kind=draft.bytes(at + 4, at + 8), start=at, body=body, end=at + size)
        at += size


def found(draft: Draft, parent: Box, *path: bytes) -> Box | None:
    """The first box under *parent* by way of *path*."""
    box: Box | None = parent
    for kind in path:
        if box is None:
            return None
        box = next((one for one in boxes(draft, box.body, box.end) if one.kind == kind), None)
    return box


def blank(draft: Draft, box: Box) -> None:
    """Leave an empty box of the same size, so that nothing behind it moves."""
    draft.write(box.start + 4, b"free")
    draft.zero(box.body, box.end)
