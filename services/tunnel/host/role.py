"""The host role's own lines of ``anon``'s configuration. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from services.common.errors import ConfigError
from services.tunnel.backends import Backend

VIRTUAL_PORT = 80

_SOCKET_PATH_MAX_BYTES = 107
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\"#\\]+")
_STREAMS = 100  # on one circuit: more than a renderer or a browser ever has open


def comfyui_lines(folder: Path, socket: Path) -> tuple[str, ...]:
    """
    ComfyUI as a hidden service that leads to the guard's *socket*.

    Only clients with a key come to know where its introduction points are, so nothing guards these. Raises
    ``ConfigError`` when a path is one that ``anon`` can't take.
    """
    if len(str(socket).encode()) > _SOCKET_PATH_MAX_BYTES:
        raise ConfigError(
            f"The path {socket} is too long for a socket ({_SOCKET_PATH_MAX_BYTES} bytes at most). "
            "Choose a shorter DARKROOM_HOME."
        )
    return (
        f"HiddenServiceDir {_plain(folder)}",
        f'HiddenServicePort {VIRTUAL_PORT} unix:"{_plain(socket)}"',
        f"HiddenServiceMaxStreams {_STREAMS}",
    )


def web_lines(folder: Path, page: Backend, *, has_pow: bool) -> tuple[str, ...]:
    """
    The web chat as a hidden service that everybody may use.

    Whoever knows the address can knock, so the introduction points are guarded: by a limit, and where the
    binary has it by proof of work, which costs nothing until somebody knocks too much.
    """
    target = page.origin.removeprefix("http://")
    guarded = ("HiddenServicePoWDefensesEnabled 1",) if has_pow else ()
    return (
        f"HiddenServiceDir {_plain(folder)}",
        f"HiddenServicePort {VIRTUAL_PORT} {target}",
        f"HiddenServiceMaxStreams {_STREAMS}",
        "HiddenServiceEnableIntroDoSDefense 1",
        *guarded,
    )


def _plain(path: Path) -> Path:
    if not _PLAIN.fullmatch(str(path)):
        raise ConfigError(
            f"The path {path} holds one of \" # \\, which anon can't take. Choose another DARKROOM_HOME."
        )
    return path
