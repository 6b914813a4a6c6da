"""Videos without metadata: nothing planted survives, and every picture and sample stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.renderer.metadata import UnreadableMediaError, cleaned
from services.renderer.metadata.draft import Draft
from services.renderer.metadata.flac_block import blank_flac_blocks
from tests.unit.renderer import videos
from tests.unit.renderer.sounds import noise
from tests.unit.renderer.videos import WORD, played, stuffed_matroska, stuffed_mp4, video

VIDEOS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "mp4": ("video/mp4", lambda: video("mp4", "libx264")),
    "mp4 with sound": ("video/mp4", lambda: video("mp4", "mpeg4", sound="aac")),
    "mp4 that begins with its contents": (
        "video/mp4",
        lambda: video("mp4", "libx264", sound="aac", movflags="faststart"),
    ),
    "mp4 in fragments": (
        "video/mp4",
        lambda: video("mp4", "libx264", movflags="frag_keyframe+empty_moov"),
    ),
    "mp4 in fragments of two tracks": (
        "video/mp4",
        lambda: video("mp4", "libx264", sound="aac", movflags="frag_keyframe+default_base_moof"),
    ),
    "quicktime": ("video/quicktime", lambda: video("mov", "libx264", sound="pcm_s16le")),
    "webm": ("video/webm", lambda: video("webm", "libvpx-vp9")),
    "webm with sound": ("video/webm", lambda: video("webm", "libvpx-vp9", sound="libopus")),
    "webm of av1": ("video/webm", lambda: video("webm", "libsvtav1")),
    "live webm": ("video/webm", lambda: videos.live(video("webm", "libvpx-vp9"))),
    "matroska with vorbis": (
        "video/x-matroska",
        lambda: video("mkv", "libx264", sound="vorbis", strict="-2"),
    ),
    "matroska with flac": ("video/x-matroska", lambda: video("mkv", "ffv1", sound="flac")),
    "matroska with subtitles": ("video/x-matroska", lambda: video("mkv", "libx264", subtitled=True)),
}
# Their offsets would be wrong, had their headers grown.
STUFFED = {
    "mp4": stuffed_mp4,
    "mp4 with sound": stuffed_mp4,
    "quicktime": stuffed_mp4,
    "webm": stuffed_matroska,
    "webm with sound": stuffed_matroska,
    "matroska with flac": stuffed_matroska,
}


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_shows_what_it_showed_and_says_nothing(name: str) -> None:
    """Same length in bytes, so that every offset holds; same pictures and samples; measured right."""
    mime, make = VIDEOS[name]
    data = make()
    clean = cleaned(data)

    assert WORD in data
    assert WORD not in clean.data
    assert len(data) == len(clean.data)
    assert played(data) == played(clean.data)
    assert (mime, *videos.SIZE, False) == (clean.mime, clean.width_px, clean.height_px, clean.animated)
    assert 1.0 == pytest.approx(clean.duration_s, abs=0.21)
    assert cleaned(clean.data) == clean


@pytest.mark.parametrize("name", STUFFED)
def test_unusual_places_are_cleared_too(name: str) -> None:
    """Boxes and elements of every kind that only tells, in every container, and what lies among samples."""
    data = VIDEOS[name][1]()
    stuffed = STUFFED[name](data)
    clean = cleaned(stuffed)

    assert WORD in stuffed
    assert WORD not in clean.data
    assert played(data) == played(clean.data)


@pytest.mark.parametrize("name", ["mp4", "quicktime", "webm", "matroska with vorbis"])
def test_programs_are_not_named(name: str) -> None:
    """Neither in the file's tags, nor in a codec's own headers."""
    data = VIDEOS[name][1]()

    assert b"Lav" in data
    assert b"Lav" not in cleaned(data).data


@pytest.mark.parametrize("kind", [b"mvhd", b"tkhd", b"mdhd"])
def test_when_it_was_made_is_not_told(kind: bytes) -> None:
    """Of the movie, a track and its medium there are two times each."""
    data = video("mp4", "libx264")
    at = data.index(kind) + 8
    clean = cleaned(data[:at] + b"madechgd" + data[at + 8 :])

    assert bytes(8) == clean.data[at : at + 8]
    assert cleaned(data) == clean


@pytest.mark.parametrize("kind", [b"mfhd", b"tfdt"])
def test_fragments_are_cleared_too(kind: bytes) -> None:
    """A box that nobody knows may stand in each of them."""
    data = VIDEOS["mp4 in fragments"][1]()
    at = data.index(kind)
    size = int.from_bytes(data[at - 4 : at], "big") - 8
    clean = cleaned(data[:at] + b"prVt" + WORD[:size] + data[at + 4 + size :])

    assert WORD[:size] not in clean.data


def test_the_headers_of_flac_within_another_file_are_cleared() -> None:
    """Comments become padding, of the same size."""
    described = bytes((0, 0, 0, 34)) + bytes(34)
    comment = bytes((0x84, 0, 0, len(WORD))) + WORD
    draft = Draft(described + comment + WORD)
    blank_flac_blocks(draft, 0, len(draft))

    assert described + bytes((0x81, 0, 0, len(WORD))) + bytes(2 * len(WORD)) == draft.finished()


def test_a_track_that_neither_shows_nor_sounds_goes_with_its_data() -> None:
    """The samples of a track of text are cleared as well; here a sound plays the text."""
    data = video("mov", "libx264", sound="pcm_s16le")
    sound = bytes(next(noise(1.0)).planes[0])[:64]
    silent = cleaned(data.replace(b"soun", b"text")).data

    assert sound in data
    assert sound in cleaned(data).data
    assert sound not in silent
    assert played(video("mov", "libx264")) == played(silent)


def test_data_in_another_file_is_refused() -> None:
    """A reference may name any file of the machine that plays it."""
    data = video("mp4", "libx264")
    at = data.index(b"url ") + 4

    with pytest.raises(UnreadableMediaError):
        cleaned(data[:at] + bytes(4) + data[at + 4 :])


def test_a_video_on_its_side_is_as_wide_as_it_is_shown() -> None:
    """The matrix of its track turns it."""
    clean = cleaned(videos.on_its_side(video("mp4", "libx264")))

    assert videos.SIZE == (clean.height_px, clean.width_px)
