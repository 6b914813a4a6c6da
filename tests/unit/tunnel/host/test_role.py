"""The host role's lines of configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.backends import Backend
from services.tunnel.host.role import comfyui_lines, web_lines

PAGE = Backend(name="web", host="127.0.0.1", port=8080)
HOME = Path("/home/me")


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
