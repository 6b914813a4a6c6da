"""One track of a Matroska file: what it takes to play it stays."""

from __future__ import annotations

from msgspec import Struct

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.ebml import Element, blank, elements, whole
from services.renderer.metadata.flac_block import MARK, blank_flac_blocks
from services.renderer.metadata.vorbis import blank_laced_comment

PICTURE, SOUND = 1, 2

_NUMBER, _KIND, _CODEC, _PRIVATE, _VIDEO, _AUDIO = 0xD7, 0x83, 0x86, 0x63A2, 0xE0, 0xE1
_KEPT = frozenset(
    {_NUMBER, 0x73C5, _KIND, 0xB9, 0x88, 0x55AA, 0x9C, 0x6DE7, 0x6DF8, 0x23E383, 0x234E7A, 0x23314F}
    | {0x55EE, _CODEC, _PRIVATE, 0x56AA, 0x56BB, _VIDEO, _AUDIO}
)
_WIDTH, _HEIGHT, _ALPHA, _COLOUR = 0xB0, 0xBA, 0x53C0, 0x55B0
_VIDEO_KEPT = frozenset(
    {0x9A, 0x9D, _ALPHA, _WIDTH, _HEIGHT, 0x54AA, 0x54BB, 0x54CC, 0x54DD, 0x54B0, 0x54BA, 0x54B2, 0x2EB524}
    | {_COLOUR}
)
_COLOUR_KEPT = frozenset({*range(0x55B1, 0x55BE), 0x55D0})  # numbers, and the mastering display's
_ENCODINGS = 0x6D80
_AUDIO_KEPT = frozenset({0xB5, 0x78B5, 0x9F, 0x6264, 0x52F1})


class MatroskaTrack(Struct, kw_only=True):
    """A track of picture or sound."""

    number: int = 0
    kind: int = 0
    codec: bytes = b""
    width_px: int = 0
    height_px: int = 0
    has_alpha: bool = False


def clean_track(draft: Draft, entry: Element) -> MatroskaTrack | None:
    """
    Blank what only tells in a track's entry.

    Returns:
        The track; nothing when it is neither picture nor sound: it is to go as a whole.

    Raises:
        UnreadableMediaError: It is not well formed, or its data is packed or scrambled.
    """
    track = MatroskaTrack()
    private: Element | None = None
    for element in elements(draft, entry.body, entry.end):
        if element.name == _NUMBER:
            track.number = whole(draft, element)
        elif element.name == _KIND:
            track.kind = whole(draft, element)
        elif element.name == _CODEC:
            track.codec = draft.bytes(element.body, min(element.end, element.body + 32)).rstrip(b"\0")
        elif element.name == _PRIVATE:
            private = element
        elif element.name == _VIDEO:
            _video(draft, element, track)
        elif element.name == _AUDIO:
            _keep_only(draft, element, _AUDIO_KEPT)
        elif element.name == _ENCODINGS:
            raise UnreadableMediaError("a Matroska track whose data is packed or scrambled")
        elif element.name not in _KEPT:
            blank(draft, element)
    if track.kind not in {PICTURE, SOUND}:
        return None
    if private is not None:
        _clean_private(draft, private, track.codec)
    return track


def _video(draft: Draft, video: Element, track: MatroskaTrack) -> None:
    for element in elements(draft, video.body, video.end):
        if element.name not in _VIDEO_KEPT:
            blank(draft, element)
        elif element.name == _WIDTH:
            track.width_px = whole(draft, element)
        elif element.name == _HEIGHT:
            track.height_px = whole(draft, element)
        elif element.name == _ALPHA:
            track.has_alpha = bool(whole(draft, element))
        elif element.name == _COLOUR:
            _keep_only(draft, element, _COLOUR_KEPT)


def _keep_only(draft: Draft, parent: Element, kept: frozenset[int]) -> None:
    for element in elements(draft, parent.body, parent.end):
        if element.name not in kept:
            blank(draft, element)


def _clean_private(draft: Draft, private: Element, codec: bytes) -> None:
    """What a decoder is set up with; two codecs keep their comments there too."""
    if codec == b"A_VORBIS":
        blank_laced_comment(draft, private.body, private.end)
    elif codec == b"A_FLAC":
        if draft.bytes(private.body, private.body + len(MARK)) != MARK:
            raise UnreadableMediaError("FLAC headers that are not whole")
        blank_flac_blocks(draft, private.body + len(MARK), private.end)
