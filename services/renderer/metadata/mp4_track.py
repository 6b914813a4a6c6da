"""One track of an MP4: what it takes to play it stays, and where its samples lie is found out."""

from __future__ import annotations

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.mp4_box import Box, blank, boxes, found
from services.renderer.metadata.mp4_entry import clean_entry
from services.renderer.metadata.mp4_table import Spans, sample_spans

_PICTURE, _SOUND = b"vide", b"soun"
_KEPT = {
    b"trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stps", b"stsc", b"stsz", b"stco", b"co64"}
        | {b"sdtp", b"sgpd", b"sbgp", b"subs", b"saiz", b"saio"}
    ),
}
_TKHD_BYTES = {False: 84, True: 96}


class Track:
    """What is known of a track of picture or sound, in pixels and in ``scale`` units a second."""

    def __init__(self, *, shows: bool) -> None:
        self.shows = shows
        self.number = 0
        self.width_px = 0
        self.height_px = 0
        self.scale = 1
        self.spans: Spans = []
        self.lasted = 0


def clean_track(draft: Draft, trak: Box) -> Track | None:
    """
    Blank what only tells in a track.

    Returns:
        The track; nothing when it is neither picture nor sound, like subtitles: it is to go as a whole.

    Raises:
        UnreadableMediaError: It is not well formed, or its data lies in another file.
    """
    handler = found(draft, trak, b"mdia", b"hdlr")
    kind = draft.bytes(handler.body + 8, handler.body + 12) if handler else b""
    if kind not in {_PICTURE, _SOUND}:
        return None
    track = Track(shows=kind == _PICTURE)
    _visit(draft, trak, track)
    table = found(draft, trak, b"mdia", b"minf", b"stbl")
    if table is None:
        raise UnreadableMediaError("an MP4 track without samples")
    track.spans = sample_spans(draft, table)
    return track


def clean_times(draft: Draft, box: Box) -> tuple[int, int]:
    """
    Forget when a movie, track or medium was made and changed.

    Returns:
        The two numbers that follow: time scale and duration, or a track's number and nothing.
    """
    wide = draft.number(box.body, 1) == 1
    box.require(32 if wide else 20)
    draft.zero(box.body + 4, box.body + (20 if wide else 12))
    if wide:
        return draft.number(box.body + 20, 4), draft.number(box.body + 24, 8)
    return draft.number(box.body + 12, 4), draft.number(box.body + 16, 4)


def _visit(draft: Draft, parent: Box, track: Track) -> None:
    for box in boxes(draft, parent.body, parent.end):
        if box.kind not in _KEPT[parent.kind]:
            blank(draft, box)
        elif box.kind in _KEPT:
            _visit(draft, box, track)
        elif box.kind == b"tkhd":
            _header(draft, box, track)
        elif box.kind == b"mdhd":
            track.scale = clean_times(draft, box)[0] or 1
        elif box.kind == b"hdlr":
            # Version and flags, two kinds; then whose it is, and the name of the program that wrote it.
            draft.zero(box.body + 12, box.end)
        elif box.kind == b"dref":
            _references(draft, box)
        elif box.kind == b"stsd":
            for entry in boxes(draft, min(box.body + 8, box.end), box.end):
                clean_entry(draft, entry, shows=track.shows)


def _header(draft: Draft, box: Box, track: Track) -> None:
    track.number, _ = clean_times(draft, box)
    box.require(_TKHD_BYTES[draft.number(box.body, 1) == 1])
    # The last two fields, 16.16 fixed point; before them the matrix, whose corners are zero when it lies.
    width, height = draft.number(box.end - 8, 2), draft.number(box.end - 4, 2)
    lies = not draft.number(box.end - 44, 4) and not draft.number(box.end - 28, 4)
    track.width_px, track.height_px = (height, width) if lies else (width, height)


def _references(draft: Draft, box: Box) -> None:
    for entry in boxes(draft, min(box.body + 8, box.end), box.end):
        entry.require(4)
        if not draft.number(entry.body + 3, 1) & 1:
            raise UnreadableMediaError("an MP4 whose data lies in another file")
        draft.zero(entry.body + 4, entry.end)
