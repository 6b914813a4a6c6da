"""The host role's smaller parts: what was seen, what is published, its lines, its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.tunnel.backends import Backend
from services.tunnel.host.config import Settings
from services.tunnel.host.publication import Publication
from services.tunnel.host.role import comfyui_lines, web_lines
from services.tunnel.host.seen import Seen

PAGE = Backend(name="web", host="127.0.0.1", port=8080)
HOME = Path("/home/me")


def test_what_was_seen_lately() -> None:
    """A name counts as seen for a while after it was last seen."""
    seen = Seen()
    seen.add("a", 0.0)
    seen.add("b", 1.0)
    seen.add("a", 2.0)

    assert seen.within("a", 3.0, 1.5)
    assert not seen.within("b", 3.0, 1.5)
    assert not seen.within("c", 3.0, 100.0)
    assert ["b"] == seen.older(3.0, 1.5)


def test_seen_is_bounded() -> None:
    """However much is asked for, only so much is remembered, the newest."""
    seen = Seen(most=2)
    for number in range(5):
        seen.add(str(number), 0.0)

    assert [False, False, False, True, True] == [seen.within(str(number), 0.0, 1.0) for number in range(5)]


def test_published_by_the_first_upload() -> None:
    """Only an upload that a relay took, of an address of ours, publishes; the first one is told."""
    publication = Publication(["aa.anon"])

    assert not publication.heard("UPLOAD", "aa", "$1")
    assert not publication.heard("FAILED", "aa", "$1")
    assert not publication.heard("UPLOADED", "bb", "$1")
    assert ["aa"] == publication.missing()
    assert publication.heard("UPLOADED", "aa", "$1")
    assert not publication.heard("UPLOADED", "aa", "$2")
    assert publication.is_published("aa.anon")
    assert [] == publication.missing()


def test_a_new_process_publishes_anew() -> None:
    """What another process uploaded leads to introduction points that are gone."""
    publication = Publication(["aa.anon"])
    publication.heard("UPLOADED", "aa", "$1")
    publication.begin(["aa.anon"])

    assert not publication.is_published("aa.anon")


def test_lines_of_comfyui() -> None:
    """Port 80 leads to the guard's socket, and nowhere else."""
    assert (
        "HiddenServiceDir /home/me/comfyui",
        'HiddenServicePort 80 unix:"/home/me/run/guard.socket"',
        "HiddenServiceMaxStreams 100",
    ) == comfyui_lines(HOME / "comfyui", HOME / "run" / "guard.socket")


@pytest.mark.parametrize("has_pow", [True, False])
def test_lines_of_the_web_chat(has_pow: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Its introduction points are guarded, by proof of work only where the binary has it."""
    lines = web_lines(HOME / "web", PAGE, has_pow=has_pow)

    assert "HiddenServicePort 80 127.0.0.1:8080" in lines
    assert "HiddenServiceEnableIntroDoSDefense 1" in lines
    assert has_pow == ("HiddenServicePoWDefensesEnabled 1" in lines)


@pytest.mark.parametrize("home", ["/home/#me", '/home/"me', "/home/m\\e", "/home/m\ne", "/home/" + "m" * 100])
def test_paths_that_anon_would_misread(home: str) -> None:
    """A path that would be cut short, unquoted or too long for a socket is refused, not tried."""
    with pytest.raises(ConfigError, match="DARKROOM_HOME"):
        comfyui_lines(Path(home) / "comfyui", Path(home) / "run" / "guard.socket")


def test_folders_come_together(tmp_path: Path) -> None:
    """One folder of ComfyUI's names all three, or each is named; two of them are an error."""
    for name in ("input", "output"):
        (tmp_path / name).mkdir()
    whole = read_settings(Settings, {"TUNNEL_COMFYUI_DIR": str(tmp_path)}).folders()
    assert whole is not None
    assert tmp_path / "temp" == whole.temp
    assert read_settings(Settings, {}).folders() is None
    with pytest.raises(ConfigError, match="TUNNEL_COMFYUI_TEMP_DIR"):
        read_settings(
            Settings,
            {
                "TUNNEL_COMFYUI_INPUT_DIR": str(tmp_path / "input"),
                "TUNNEL_COMFYUI_OUTPUT_DIR": str(tmp_path / "output"),
            },
        ).folders()


def test_settings_are_bounded() -> None:
    """A limit that is none is refused with its name."""
    with pytest.raises(ConfigError, match="TUNNEL_REQUESTS_PER_S"):
        read_settings(Settings, {"TUNNEL_REQUESTS_PER_S": "0"})
