"""Fragments of an MP4 (``moof``): where their samples lie, and how long they last."""

from __future__ import annotations

from msgspec import Struct

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.mp4_box import Box, boxes, found
from services.renderer.metadata.mp4_table import Spans

_HAS_BASE, _HAS_DESCRIPTION, _HAS_DURATION, _HAS_SIZE = 0x01, 0x02, 0x08, 0x10
_RUN_HAS_OFFSET, _RUN_HAS_FIRST_FLAGS = 0x01, 0x04
_SAMPLE_FIELDS = (0x100, 0x200, 0x400, 0x800)  # duration, size, flags, composition offset


class Defaults(Struct, frozen=True, kw_only=True):
    """What holds for a track's samples unless a run says otherwise, in its own time units and bytes."""

    duration: int = 0
    size: int = 0


class Run(Struct, frozen=True, kw_only=True):
    """What one fragment has of a track."""

    box: Box
    track: int
    spans: Spans
    duration: int


def track_defaults(draft: Draft, moov: Box) -> dict[int, Defaults]:
    """Defaults by track (``trex``)."""
    extends = found(draft, moov, b"mvex")
    known: dict[int, Defaults] = {}
    for box in boxes(draft, extends.body, extends.end) if extends else ():
        if box.kind == b"trex":
            box.require(24)
            known[draft.number(box.body + 4, 4)] = Defaults(
                duration=draft.number(box.body + 12, 4), size=draft.number(box.body + 16, 4)
            )
    return known


def runs(draft: Draft, moof: Box, defaults: dict[int, Defaults]) -> list[Run]:
    """What a fragment has of each track; raises ``UnreadableMediaError``."""
    made: list[Run] = []
    behind = moof.start
    for traf in boxes(draft, moof.body, moof.end):
        if traf.kind == b"traf":
            run, behind = _run(draft, traf, moof, behind, defaults)
            made.append(run)
    return made


def _run(draft: Draft, traf: Box, moof: Box, behind: int, defaults: dict[int, Defaults]) -> tuple[Run, int]:
    """One track's part, and where its data ends."""
    header = found(draft, traf, b"tfhd")
    if header is None:
        raise UnreadableMediaError("an MP4 fragment without a track")
    header.require(8)
    flags, track, at = draft.number(header.body + 1, 3), draft.number(header.body + 4, 4), header.body + 8
    own = defaults.get(track, Defaults())
    # Without a base of its own a track's data is counted from the fragment's start.
    base = moof.start
    if flags & _HAS_BASE:
        base, at = draft.number(at, 8), at + 8
    at += 4 if flags & _HAS_DESCRIPTION else 0
    duration, at = (draft.number(at, 4), at + 4) if flags & _HAS_DURATION else (own.duration, at)
    size, at = (draft.number(at, 4), at + 4) if flags & _HAS_SIZE else (own.size, at)
    if at > header.end:
        raise UnreadableMediaError("an MP4 fragment that is not whole")
    own = Defaults(duration=duration, size=size)
    spans: Spans = []
    lasted = 0
    for box in boxes(draft, traf.body, traf.end):
        if box.kind == b"trun":
            start, length, duration = _samples(draft, box, own)
            first = behind if start is None else base + start
            behind = first + length
            spans.append((first, behind))
            lasted += duration
    return Run(box=traf, track=track, spans=spans, duration=lasted), behind


def _samples(draft: Draft, box: Box, own: Defaults) -> tuple[int | None, int, int]:
    """A run's offset if it has one, its size and its duration."""
    box.require(8)
    flags, count, at = draft.number(box.body + 1, 3), draft.number(box.body + 4, 4), box.body + 8
    offset: int | None = None
    if flags & _RUN_HAS_OFFSET:
        offset, at = int.from_bytes(draft.bytes(at, at + 4), "big", signed=True), at + 4
    at += 4 if flags & _RUN_HAS_FIRST_FLAGS else 0
    fields = [field for field in _SAMPLE_FIELDS if flags & field]
    if at + 4 * len(fields) * count > box.end:
        raise UnreadableMediaError("an MP4 fragment that is not whole")
    step = 4 * len(fields)
    size, duration = own.size * count, own.duration * count
    if 0x200 in fields:
        place = at + 4 * fields.index(0x200)
        size = sum(draft.number(place + step * index, 4) for index in range(count))
    if 0x100 in fields:
        duration = sum(draft.number(at + step * index, 4) for index in range(count))
    return offset, size, duration
