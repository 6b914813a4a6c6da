"""
MP4 and QuickTime: boxes that only tell become empty ``free`` boxes of the same size, times become zero,
and of the data only what the sample tables point at stays.

Nothing moves, because those tables hold offsets from the start of the file.
"""

from __future__ import annotations

from services.renderer.metadata.clean import Clean, UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.mp4_box import Box, blank, boxes
from services.renderer.metadata.mp4_fragment import Defaults, runs, track_defaults
from services.renderer.metadata.mp4_table import Spans
from services.renderer.metadata.mp4_track import Track, clean_times, clean_track

_QUICKTIME = b"qt  "
_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"M4A ",
        b"dash",
    }
)
_EXTENDING = frozenset({b"mehd", b"trex"})
_FRAGMENT = frozenset({b"mfhd", b"traf"})
_RUNNING = frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sgpd", b"sbgp", b"subs", b"saiz", b"saio"})
# What the file consists of; whatever else lies beside these only tells.
_TOP = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"sidx", b"styp"})


def is_mp4(data: bytes) -> bool:
    """Whether it begins as MP4 or QuickTime does; AVIF and HEIC begin alike but are other formats."""
    return data[4:8] == b"ftyp" and data[8:12] in {*_BRANDS, _QUICKTIME}


def clean_mp4(data: bytes) -> Clean:
    """Blank what only tells; raises ``UnreadableMediaError``."""
    draft = Draft(data)
    top = list(boxes(draft, 0, len(draft)))
    movies = [box for box in top if box.kind == b"moov"]
    if len(movies) != 1:
        raise UnreadableMediaError("an MP4 without a table of contents, or with several")
    defaults = track_defaults(draft, movies[0])
    tracks, length_s = _clean_movie(draft, movies[0])
    for box in top:
        if box.kind == b"moof":
            _clean_fragment(draft, box, tracks, defaults)
        elif box.kind not in _TOP:
            blank(draft, box)
    spans = [span for track in tracks.values() for span in track.spans]
    if not spans:
        raise UnreadableMediaError("an MP4 without a sample")
    _clear_between([box for box in top if box.kind == b"mdat"], sorted(spans), draft)
    shown = [track for track in tracks.values() if track.shows]
    return Clean(
        data=draft.finished(),
        mime=_mime(data, shows=bool(shown)),
        width_px=max((track.width_px for track in shown), default=0),
        height_px=max((track.height_px for track in shown), default=0),
        duration_s=length_s + max(track.lasted / track.scale for track in tracks.values()),
    )


def _mime(data: bytes, *, shows: bool) -> str:
    if not shows:
        return "audio/mp4"
    return "video/quicktime" if data[8:12] == _QUICKTIME else "video/mp4"


def _clean_movie(draft: Draft, moov: Box) -> tuple[dict[int, Track], float]:
    """The tracks of picture and sound by number, and the movie's length in seconds."""
    tracks: dict[int, Track] = {}
    length_s = 0.0
    for box in boxes(draft, moov.body, moov.end):
        if box.kind == b"mvhd":
            scale, length = clean_times(draft, box)
            length_s = length / scale if scale else 0.0
        elif box.kind == b"trak" and (track := clean_track(draft, box)) is not None:
            tracks[track.number] = track
        elif box.kind == b"mvex":
            _keep_only(draft, box, _EXTENDING)
        else:
            blank(draft, box)
    if not tracks or any(track.shows and not track.width_px * track.height_px for track in tracks.values()):
        raise UnreadableMediaError("an MP4 that neither shows nor sounds")
    return tracks, length_s


def _clean_fragment(draft: Draft, moof: Box, tracks: dict[int, Track], defaults: dict[int, Defaults]) -> None:
    for run in runs(draft, moof, defaults):
        track = tracks.get(run.track)
        if track is None:
            blank(draft, run.box)
            continue
        track.spans += run.spans
        track.lasted += run.duration
        _keep_only(draft, run.box, _RUNNING)
    _keep_only(draft, moof, _FRAGMENT)


def _keep_only(draft: Draft, parent: Box, kept: frozenset[bytes]) -> None:
    for box in boxes(draft, parent.body, parent.end):
        if box.kind not in kept:
            blank(draft, box)


def _clear_between(data: list[Box], spans: Spans, draft: Draft) -> None:
    """Zero what of the data belongs to no sample; both come in the order of the file."""
    if max(end for _, end in spans) > len(draft) or spans[0][0] < 0:
        raise UnreadableMediaError("an MP4 whose samples are not in it")
    place = 0
    for box in data:
        at = box.body
        while place < len(spans) and spans[place][0] < box.end:
            start, end = spans[place]
            draft.zero(at, min(start, box.end))
            at = max(at, end)
            if end > box.end:  # it goes on in the next one
                break
            place += 1
        draft.zero(at, box.end)
