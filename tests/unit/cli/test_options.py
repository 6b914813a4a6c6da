"""What a person says on the command line and in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import options
from services.cli.once import places
from services.common.errors import ConfigError


def test_option_comes_before_the_environment() -> None:
    """``--comfyui`` replaces ``DARKROOM_BACKENDS``, and ``--data`` replaces ``DARKROOM_HOME``."""
    environ = {"DARKROOM_BACKENDS": "a=http://127.0.0.1:1", "DARKROOM_HOME": "/environ"}

    assert {"b": "http://127.0.0.1:2"} == options.backends(["b=http://127.0.0.1:2/"], environ)
    assert {"a": "http://127.0.0.1:1"} == options.backends([], environ)
    assert Path("/option") == options.home("/option", environ)
    assert Path("/environ") == options.home(None, environ)


def test_nothing_said_is_the_simulator_at_home() -> None:
    """Without a word there are no backends, and the data lies in the home folder."""
    assert {} == options.backends([], {"DARKROOM_BACKENDS": ""})
    assert Path.home() / ".darkroom" == options.home(None, {})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "http://127.0.0.1:8188",
            "GPU=http://a:1",
            "gpu=127.0.0.1:8188",
            "gpu=ftp://a:1",
            "=http://a:1",
        ),
        *(
            "gpu=https://a:1",
            "gpu=http://a",
            "gpu=http://a:1/path",
            "gpu=http://a:99999",
            "gpu=http://u:p@a:1",
        ),
        "gpu=http://a:1,b=nonsense",
    ],
)
def test_wrong_backend_is_told_with_an_example(text: str) -> None:
    """The sentence names the option, what was said, and what is meant."""
    with pytest.raises(ConfigError, match=r"^--comfyui, .*gpu=http://127\.0\.0\.1:8188"):
        options.backends([text], {})


def test_backend_named_twice_is_refused() -> None:
    """Two backends of one name would be one backend to everybody else."""
    with pytest.raises(ConfigError, match=r"DARKROOM_BACKENDS names 'a' twice"):
        options.backends([], {"DARKROOM_BACKENDS": "a=http://b:1, a=http://c:1"})


def test_web_port_comes_from_the_environment() -> None:
    """``DARKROOM_WEB_PORT`` replaces 8080, and is held to be a port."""
    assert 9000 == options.web_port({"DARKROOM_WEB_PORT": "9000"}, any_will_do=True)
    assert 8080 == options.web_port({}, any_will_do=False)
    with pytest.raises(ConfigError, match="DARKROOM_WEB_PORT '99999' is not a port"):
        options.web_port({"DARKROOM_WEB_PORT": "99999"}, any_will_do=False)


def test_backends_are_read_as_the_tunnel_reads_them() -> None:
    """Several in one word, a slash at the end and IPv6 mean the same everywhere."""
    expected = {"a": "http://[::1]:1", "b": "http://127.0.0.1:2"}

    assert expected == options.backends(["a=http://[::1]:1/,b=http://127.0.0.1:2"], {})
    assert expected == options.backends([], {"DARKROOM_BACKENDS": "a=http://[::1]:1, b=http://127.0.0.1:2,"})


@pytest.mark.parametrize(
    ("once", "out", "words"),
    [
        (None, "a.png", "--out goes with --once"),
        (" ", None, "--once has nothing to say"),
        ("/f a", "nowhere/a.png", "there is no folder nowhere"),
    ],
)
def test_picture_that_could_not_be_kept_is_not_begun(once: str | None, out: str | None, words: str) -> None:
    """Before anything is rendered it is told what is missing."""
    with pytest.raises(ConfigError, match=words):
        options.picture_file(once, Path(out) if out else None)


def test_pictures_file_has_a_usual_name() -> None:
    """Without ``--out`` it is saved here."""
    assert options.picture_file("/f a", None) is None
    assert [Path("darkroom.mp4")] == places(None, [".mp4"])
    assert [Path("a.png"), Path("a-2.png"), Path("a-3.png")] == places(Path("a.png"), [".png"] * 3)
    assert [Path("b"), Path("b-2"), Path("b-3.flac")] == places(Path("b"), [".png", ".png", ".flac"])
