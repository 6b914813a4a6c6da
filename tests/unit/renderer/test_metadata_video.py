"""Videos without metadata: nothing planted survives, and every picture and sample stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.renderer.metadata import UnreadableMediaError, cleaned
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


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_programs_are_not_named(name: str) -> None:
    """Neither the one that wrote the file, nor when."""
    assert b"Lav" not in cleaned(VIDEOS[name][1]()).data


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
    data = bytearray(video("mp4", "libx264"))
    end = data.index(b"tkhd") - 4 + int.from_bytes(data[data.index(b"tkhd") - 4 :][:4], "big")
    one = (1 << 16).to_bytes(4, "big")
    data[end - 44 : end - 24] = bytes(4) + one + bytes(4) + b"\xff\xff\0\0" + bytes(4)
    clean = cleaned(bytes(data))

    assert videos.SIZE == (clean.height_px, clean.width_px)
