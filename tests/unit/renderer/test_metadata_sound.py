"""Sounds without metadata: nothing planted survives, and every sample stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from services.renderer.metadata import UnreadableMediaError, cleaned
from tests.unit.renderer import sounds
from tests.unit.renderer.sounds import WORD, heard, sound

SOUNDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "flac": ("audio/flac", lambda: sound("flac", "flac")),
    "mp3": ("audio/mpeg", lambda: sound("mp3", "libmp3lame")),
    "mp3 at 44.1 kHz": ("audio/mpeg", lambda: sound("mp3", "libmp3lame", rate=44100)),
    "mp3 at 22.05 kHz": ("audio/mpeg", lambda: sound("mp3", "libmp3lame", rate=22050)),
    "opus": ("audio/ogg", lambda: sound("opus", "libopus")),
    "vorbis": ("audio/ogg", lambda: sound("ogg", "vorbis", strict="-2")),
    "wav": ("audio/wav", lambda: sound("wav", "pcm_s16le")),
    "wav of floats": ("audio/wav", lambda: sound("wav", "pcm_f32le")),
    "wav of 24 bits": ("audio/wav", lambda: sound("wav", "pcm_s24le")),
    "m4a": ("audio/mp4", lambda: sound("ipod", "aac")),
    "webm": ("audio/webm", lambda: sound("webm", "libopus")),
    "matroska": ("audio/x-matroska", lambda: sound("matroska", "flac")),
}
STUFFED = {
    "flac": sounds.stuffed_flac,
    "mp3": sounds.stuffed_mp3,
    "mp3 at 44.1 kHz": sounds.stuffed_mp3,
    "wav": sounds.stuffed_wav,
    "wav of 24 bits": sounds.stuffed_wav,
}


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_what_it_was_and_says_nothing(name: str) -> None:
    """Sample for sample; measured right."""
    mime, make = SOUNDS[name]
    data = make()
    clean = cleaned(data)

    assert WORD in data
    assert WORD not in clean.data
    assert heard(data) == heard(clean.data)
    assert (mime, 0, 0, False) == (clean.mime, clean.width_px, clean.height_px, clean.animated)
    assert 0.5 == pytest.approx(clean.duration_s, abs=0.01)
    assert cleaned(clean.data) == clean


@pytest.mark.parametrize("name", STUFFED)
def test_unusual_places_are_cleared_too(name: str) -> None:
    """Tags before, among and behind the frames, blocks and chunks of every kind, and padding."""
    data = SOUNDS[name][1]()
    stuffed = STUFFED[name](data)
    clean = cleaned(stuffed)

    assert WORD in stuffed
    assert WORD not in clean.data
    assert heard(data) == heard(clean.data)


def test_an_mp3_keeps_only_the_first_letters_of_its_program() -> None:
    """By them players know that the delay behind them is meant; the version is nobody's business."""
    data = SOUNDS["mp3"][1]()

    assert re.search(rb"Lav[cf][0-9]", data)
    assert not re.search(rb"Lav[cf][0-9]", cleaned(data).data)


@pytest.mark.parametrize("name", ["opus", "vorbis"])
def test_a_damaged_page_is_refused(name: str) -> None:
    """Its checksum tells; it is not written anew over what was damaged."""
    data = bytearray(SOUNDS[name][1]())
    data[-9] ^= 1

    with pytest.raises(UnreadableMediaError):
        cleaned(bytes(data))


def test_a_sound_longer_than_any_is_refused() -> None:
    """Two weeks in a megabyte: its rate is not to be believed."""
    shape = b"fmt \x10\0\0\0\1\0\1\0\1\0\0\0\1\0\0\0\1\0\x08\0"
    samples = bytes(14 * 24 * 3600)
    body = b"WAVE" + shape + b"data" + len(samples).to_bytes(4, "little") + samples

    with pytest.raises(UnreadableMediaError):
        cleaned(b"RIFF" + len(body).to_bytes(4, "little") + body)


@pytest.mark.parametrize("name", ["flac", "mp3", "opus", "vorbis"])
def test_words_that_stand_behind_a_sound_do_not_pass(name: str) -> None:
    """They belong to no frame; where frames don't tell their length, the last one's checksum does."""
    try:
        clean = cleaned(SOUNDS[name][1]() + WORD)
    except UnreadableMediaError:
        return
    assert WORD not in clean.data


@pytest.mark.parametrize("name", ["flac", "mp3", "opus", "vorbis", "wav", "m4a"])
def test_a_sound_that_is_cut_off_is_refused(name: str) -> None:
    """It would end in the middle."""
    data = SOUNDS[name][1]()

    with pytest.raises(UnreadableMediaError):
        cleaned(data[:-200])
