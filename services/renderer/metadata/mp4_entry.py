"""How an MP4's samples are coded: only what a decoder needs of the description stays."""

from __future__ import annotations

from services.renderer.metadata.draft import Draft
from services.renderer.metadata.flac_block import blank_flac_blocks
from services.renderer.metadata.mp4_box import Box, blank, boxes

_PICTURE_BYTES, _SOUND_BYTES = 78, 28
_QUICKTIME_SOUND_BYTES = {1: 16, 2: 36}  # more, by version
_PICTURE_KEPT = frozenset(
    {b"avcC", b"hvcC", b"vpcC", b"av1C", b"esds", b"d263", b"glbl", b"colr", b"pasp", b"clap", b"btrt"}
    | {b"fiel", b"gama", b"mdcv", b"clli", b"SmDm", b"CoLL"}
)
_SOUND_KEPT = frozenset(
    {b"esds", b"dOps", b"dfLa", b"dac3", b"dec3", b"alac", b"chan", b"chnl", b"btrt", b"srat", b"pcmC"}
    | {b"wave", b"frma", b"enda", b"mp4a"}
)
_HEADER_BYTES = 8
_PROFILES = frozenset({b"prof", b"rICC"})


def clean_entry(draft: Draft, entry: Box, *, shows: bool) -> None:
    """Forget program and vendor, and blank what is not about decoding; raises ``UnreadableMediaError``."""
    size = _PICTURE_BYTES if shows else _SOUND_BYTES
    if not shows:
        size += _QUICKTIME_SOUND_BYTES.get(draft.number(entry.body + 8, 2), 0)
    entry.require(size)
    draft.zero(entry.body + 12, entry.body + 16)  # QuickTime's vendor
    if shows:
        draft.zero(entry.body + 42, entry.body + 74)  # the compressor's name
    _details(draft, entry.body + size, entry.end, _PICTURE_KEPT if shows else _SOUND_KEPT)


def _details(draft: Draft, at: int, end: int, kept: frozenset[bytes]) -> None:
    while end - at >= _HEADER_BYTES:
        box = next(boxes(draft, at, end))
        if box.kind not in kept or (box.kind == b"colr" and draft.bytes(box.body, box.body + 4) in _PROFILES):
            blank(draft, box)
        elif box.kind == b"wave":
            _details(draft, box.body, box.end, kept - {b"wave"})
        elif box.kind == b"dfLa":
            blank_flac_blocks(draft, box.body + 4, box.end)
        at = box.end
    draft.zero(at, end)  # QuickTime may end a list with four zeros
