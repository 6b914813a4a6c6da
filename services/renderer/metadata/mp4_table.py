"""Where an MP4's samples lie: only these bytes of its data are picture or sound."""

from __future__ import annotations

import sys
from array import array

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.mp4_box import Box, found

Spans = list[tuple[int, int]]
"""Start and end of parts of the file, in any order."""

_ENTRIES_MAX = 1 << 22
"""More samples than two days of video have."""


def sample_spans(draft: Draft, table: Box) -> Spans:
    """
    What a track's sample table (``stbl``) points at, a span for each chunk.

    Raises:
        UnreadableMediaError: The table is not whole, or contradicts itself.
    """
    offsets = _offsets(draft, table)
    counts = _counts(draft, table, len(offsets))
    sizes = _Sizes(draft, table)
    spans: Spans = []
    for offset, count in zip(offsets, counts, strict=True):
        size = sizes.of_next(count)
        if size:
            spans.append((offset, offset + size))
    return spans


def _offsets(draft: Draft, table: Box) -> array[int]:
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        box = found(draft, table, kind)
        if box is not None:
            box.require(8)
            return _numbers(draft, box, box.body + 8, draft.number(box.body + 4, 4), width)
    raise UnreadableMediaError("an MP4 track without chunks")


def _counts(draft: Draft, table: Box, chunks: int) -> array[int]:
    """How many samples each chunk has, out of runs of chunks that have the same number."""
    box = found(draft, table, b"stsc")
    if box is None:
        raise UnreadableMediaError("an MP4 track without chunks")
    box.require(8)
    runs = _numbers(draft, box, box.body + 8, 3 * draft.number(box.body + 4, 4), 4)
    counts = array("Q", bytes(8 * chunks))
    if not chunks:  # all of it is in fragments
        return counts
    for at in range(0, len(runs), 3):
        first, last = runs[at], runs[at + 3] if at + 3 < len(runs) else chunks + 1
        if not 1 <= first <= last <= chunks + 1:
            raise UnreadableMediaError("an MP4 track whose chunks are out of order")
        counts[first - 1 : last - 1] = array("Q", [runs[at + 1]]) * (last - first)
    return counts


class _Sizes:
    """A track's sample sizes, taken from the front."""

    def __init__(self, draft: Draft, table: Box) -> None:
        box = found(draft, table, b"stsz")
        if box is None:
            raise UnreadableMediaError("an MP4 track without samples")
        box.require(12)
        self._same = draft.number(box.body + 4, 4)
        count = draft.number(box.body + 8, 4)
        self._each = array("Q") if self._same else _numbers(draft, box, box.body + 12, count, 4)
        self._at = 0

    def of_next(self, count: int) -> int:
        """Size of the next *count* samples together."""
        if self._same:
            return self._same * count
        if count > len(self._each) - self._at:
            raise UnreadableMediaError("an MP4 track with more samples than sizes")
        self._at += count
        return sum(self._each[self._at - count : self._at])


def _numbers(draft: Draft, box: Box, at: int, count: int, width: int) -> array[int]:
    """*count* big-endian numbers of *width* bytes from *at* on."""
    if count > _ENTRIES_MAX or at + count * width > box.end:
        raise UnreadableMediaError("an MP4 table that is not whole")
    numbers = array("Q" if width == 8 else "I", draft.bytes(at, at + count * width))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
