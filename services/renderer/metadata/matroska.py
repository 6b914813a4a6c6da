"""
Matroska and WebM: elements that only tell become empty ones (``Void``) of the same size.

Nothing moves, because index and table of contents hold offsets.
"""

from __future__ import annotations

import math

from services.renderer.metadata.clean import Clean, UnknownFormatError, UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.ebml import (
    CLUSTER,
    SEGMENT,
    Element,
    blank,
    decimal,
    elements,
    variable,
    whole,
)
from services.renderer.metadata.matroska_track import SOUND, MatroskaTrack, clean_track

_EBML = 0x1A45DFA3
_DOC_TYPE = 0x4282
_HEADER = frozenset({0x4286, 0x42F7, 0x42F2, 0x42F3, _DOC_TYPE, 0x4287, 0x4285})
_SEEK_HEAD, _SEEK, _SEEK_ID = 0x114D9B74, 0x4DBB, 0x53AB
_INFO, _TRACKS, _CUES = 0x1549A966, 0x1654AE6B, 0x1C53BB6B
_KEPT = frozenset({_SEEK_HEAD, _INFO, _TRACKS, CLUSTER, _CUES})
_TELLING = frozenset({0x1254C367, 0x1941A469, 0x1043A770})  # tags, attachments, chapters
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_PROGRAMS = frozenset({0x4D80, 0x5741})  # must be there, and may be empty
_TRACK = 0xAE
_TIME, _SIMPLE_BLOCK, _GROUP = 0xE7, 0xA3, 0xA0
_CLUSTER_KEPT = frozenset({_TIME, _SIMPLE_BLOCK, _GROUP, 0xA7, 0xAB})
_BLOCK, _BLOCK_DURATION, _ADDITIONS = 0xA1, 0x9B, 0x75A1
_GROUP_KEPT = frozenset({_BLOCK, _BLOCK_DURATION, 0xFB, 0x75A2})
_NS_PER_S = 1_000_000_000
_MIMES = {b"webm": "webm", b"matroska": "x-matroska"}


def is_matroska(data: bytes) -> bool:
    """Whether it begins as Matroska does."""
    return data[:4] == _EBML.to_bytes(4, "big")


def clean_matroska(data: bytes) -> Clean:
    """Blank what only tells; raises ``UnreadableMediaError``."""
    return _Reader(data).clean()


class _Reader:
    """Goes through the file once, and learns on the way how large and how long it is."""

    def __init__(self, data: bytes) -> None:
        self._draft = Draft(data)
        self._tracks: dict[int, MatroskaTrack] = {}
        self._kind = ""
        self._scale_ns = 1_000_000
        self._duration = 0.0
        self._blocks = 0
        self._newest = 0
        self._length = 0

    def clean(self) -> Clean:
        draft = self._draft
        end = 0
        for element in elements(draft, 0, len(draft)):
            if element.name == _EBML and not end:
                self._header(element)
            elif element.name == SEGMENT and self._kind:
                self._segment(element)
                end = element.end
                break
            else:
                raise UnreadableMediaError("a Matroska file without its parts")
        shown = [track for track in self._tracks.values() if track.kind != SOUND]
        if not end or not self._blocks:
            raise UnreadableMediaError("a Matroska file that neither shows nor sounds")
        if any(not track.width_px * track.height_px for track in shown):
            raise UnreadableMediaError("a Matroska file without a size")
        length = self._duration if math.isfinite(self._duration) and self._duration > 0 else self._length
        finished = draft.finished()
        return Clean(
            data=finished if end == len(finished) else finished[:end],
            mime=f"{'video' if shown else 'audio'}/{self._kind}",
            width_px=max((track.width_px for track in shown), default=0),
            height_px=max((track.height_px for track in shown), default=0),
            duration_s=length * self._scale_ns / _NS_PER_S,
        )

    def _header(self, header: Element) -> None:
        for element in elements(self._draft, header.body, header.end):
            if element.name == _DOC_TYPE:
                doc_type = self._draft.bytes(element.body, min(element.end, element.body + 16)).rstrip(b"\0")
                self._kind = _MIMES.get(doc_type, "")
            elif element.name not in _HEADER:
                blank(self._draft, element)
        if not self._kind:
            raise UnknownFormatError("EBML, but not Matroska")

    def _segment(self, segment: Element) -> None:
        at = segment.body
        while at < segment.end:
            element = next(elements(self._draft, at, segment.end))
            at = element.end
            if element.name == CLUSTER:
                at = self._cluster(element)
            elif element.name == _SEEK_HEAD:
                self._contents(element)
            elif element.name == _INFO:
                self._info(element)
            elif element.name == _TRACKS:
                self._list_tracks(element)
            elif element.name != _CUES:
                blank(self._draft, element)

    def _contents(self, head: Element) -> None:
        """The table of contents points at nothing that is blank now."""
        for seek in elements(self._draft, head.body, head.end):
            if seek.name != _SEEK or self._target(seek) not in _KEPT:
                blank(self._draft, seek)

    def _target(self, seek: Element) -> int:
        """What an entry of the table of contents points at; 0 when it does not say."""
        found = elements(self._draft, seek.body, seek.end)
        return next((whole(self._draft, one) for one in found if one.name == _SEEK_ID), 0)

    def _info(self, info: Element) -> None:
        for element in elements(self._draft, info.body, info.end):
            if element.name == _SCALE:
                self._scale_ns = whole(self._draft, element)
            elif element.name == _DURATION:
                self._duration = decimal(self._draft, element)
            elif element.name in _PROGRAMS:
                self._draft.zero(element.body, element.end)
            else:
                blank(self._draft, element)

    def _list_tracks(self, tracks: Element) -> None:
        for element in elements(self._draft, tracks.body, tracks.end):
            track = clean_track(self._draft, element) if element.name == _TRACK else None
            if track is None:
                blank(self._draft, element)
            else:
                self._tracks[track.number] = track

    def _cluster(self, cluster: Element) -> int:
        """Clean a cluster; returns where it ends."""
        began, at = 0, cluster.body
        enders = _KEPT | _TELLING if cluster.open else frozenset[int]()
        for element in elements(self._draft, cluster.body, cluster.end, enders):
            at = element.end
            if element.name == _TIME:
                began = whole(self._draft, element)
            elif element.name == _SIMPLE_BLOCK:
                self._block(element, element, began)
            elif element.name == _GROUP:
                self._group(element, began)
            elif element.name not in _CLUSTER_KEPT:
                blank(self._draft, element)
        return at if cluster.open else cluster.end

    def _group(self, group: Element, began: int) -> None:
        parts = list(elements(self._draft, group.body, group.end))
        block = next((one for one in parts if one.name == _BLOCK), None)
        track = self._block(block, group, began) if block else None
        for one in parts if track else ():
            if one.name == _BLOCK_DURATION:
                self._length = max(self._length, self._newest + whole(self._draft, one))
            elif one.name not in _GROUP_KEPT and not (one.name == _ADDITIONS and track and track.has_alpha):
                blank(self._draft, one)

    def _block(self, block: Element, holder: Element, began: int) -> MatroskaTrack | None:
        """Note a block's time; one of a track that is gone goes too, with what holds it."""
        number, behind = variable(self._draft, block.body, block.end)
        track = self._tracks.get(number)
        if track is None:
            blank(self._draft, holder)
            return None
        self._blocks += 1
        self._newest = began + int.from_bytes(self._draft.bytes(behind, behind + 2), "big", signed=True)
        self._length = max(self._length, self._newest)
        return track
