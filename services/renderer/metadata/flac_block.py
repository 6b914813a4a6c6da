"""FLAC's metadata blocks, which stand in FLAC files and in the headers of others."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft

MARK = b"fLaC"
STREAM, PADDING, SEEKING = 0, 1, 3
NEEDED = frozenset({STREAM, SEEKING})
STREAM_BYTES = 34

_LAST = 0x80


class Block(Struct, frozen=True, kw_only=True):
    """A block: its kind, and where its header, its body and the next one begin."""

    kind: int
    start: int
    body: int
    end: int


def flac_blocks(data: bytes | memoryview, at: int, limit: int) -> Iterator[Block]:
    """
    The blocks from *at* on, up to the last.

    Raises:
        UnreadableMediaError: One is not whole, or goes past *limit*.
    """
    last = False
    while not last:
        header = bytes(data[at : at + 4])
        end = at + 4 + int.from_bytes(header[1:], "big")
        if len(header) < 4 or end > limit:
            raise UnreadableMediaError("a FLAC block that is not whole")
        last = bool(header[0] & _LAST)
        yield Block(kind=header[0] & ~_LAST, start=at, body=at + 4, end=end)
        at = end


def blank_flac_blocks(draft: Draft, at: int, limit: int) -> None:
    """Make padding of every block from *at* to *limit* that only tells, and zeros of what is behind them."""
    for block in flac_blocks(draft.view, at, limit):
        if block.kind not in NEEDED:
            draft.write(block.start, bytes((draft.number(block.start, 1) & _LAST | PADDING,)))
            draft.zero(block.body, block.end)
        at = block.end
    draft.zero(at, limit)
