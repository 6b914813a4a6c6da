"""The comment header of Vorbis and Opus, where programs, titles and prompts stand."""

from __future__ import annotations

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft

EMPTY_VORBIS = b"\x03vorbis" + bytes(8) + b"\x01"
EMPTY_OPUS = b"OpusTags" + bytes(8)

_MARK = b"\x03vorbis"


def blank_laced_comment(draft: Draft, start: int, end: int) -> None:
    """
    Blank the comment among Vorbis's three headers as Matroska holds them, one behind the other.

    Raises:
        UnreadableMediaError: These are not Vorbis's headers.
    """
    sizes: list[int] = []
    at = start + 1
    while len(sizes) < 2 and at < end:
        size = 0
        while at < end and draft.number(at, 1) == 0xFF:
            size, at = size + 0xFF, at + 1
        sizes.append(size + draft.number(at, 1))
        at += 1
    if draft.number(start, 1) != 2 or len(sizes) < 2 or at + sum(sizes) > end:
        raise UnreadableMediaError("Vorbis headers that are not whole")
    _blank(draft, at + sizes[0], at + sum(sizes))


def _blank(draft: Draft, start: int, end: int) -> None:
    """An empty comment of the same size: a vendor of zeros, no comments, and the bit that ends it."""
    vendor = end - start - len(EMPTY_VORBIS)
    if vendor < 0 or draft.bytes(start, start + len(_MARK)) != _MARK:
        raise UnreadableMediaError("Vorbis headers without a comment")
    draft.zero(start + len(_MARK), end)
    draft.write(start + len(_MARK), vendor.to_bytes(4, "little"))
    draft.write(end - 1, b"\x01")
