"""What several commands are told in the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.common.errors import ConfigError
from services.devstack.ports import free_port, is_free

DEFAULT_WEB_PORT = 8080
_LAST_PORT = 65_535
_BACKEND = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]{0,31})=(?P<url>https?://\S+)")

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Data directory.", show_default="DARKROOM_HOME, else ~/.darkroom"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one line of JSON instead of words.")]


def home(data: Path | None, environ: Mapping[str, str]) -> Path:
    """The data directory, as an absolute path."""
    chosen = data or Path(environ.get("DARKROOM_HOME") or "~/.darkroom")
    return chosen.expanduser().resolve()


def web_port(environ: Mapping[str, str], *, any_will_do: bool) -> int:
    """
    The web chat's port when none is given on the command line.

    Args:
        environ: May name one in ``DARKROOM_WEB_PORT``.
        any_will_do: Nobody has to remember it: take another when the usual one is taken.

    Raises:
        ConfigError: ``DARKROOM_WEB_PORT`` is not a port.
    """
    if given := environ.get("DARKROOM_WEB_PORT", ""):
        if not given.isdecimal() or not 1 <= int(given) <= _LAST_PORT:
            raise ConfigError(
                f"DARKROOM_WEB_PORT {given!r} is not a port: use a number from 1 to {_LAST_PORT}."
            )
        return int(given)
    return free_port() if any_will_do and not is_free(DEFAULT_WEB_PORT) else DEFAULT_WEB_PORT


def backends(given: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """
    Backends by name, from ``--comfyui`` or else ``DARKROOM_BACKENDS``; none means the simulator.

    Raises:
        ConfigError: One is not ``name=url``, or a name comes twice.
    """
    source = "--comfyui" if given else "DARKROOM_BACKENDS"
    texts = given or [text for text in environ.get("DARKROOM_BACKENDS", "").split(",") if text.strip()]
    found: dict[str, str] = {}
    for text in texts:
        match = _BACKEND.fullmatch(text.strip())
        if match is None:
            raise ConfigError(
                f"{source} {text!r} is not NAME=URL, with a name of small letters, digits and hyphens: "
                "gpu=http://127.0.0.1:8188."
            )
        if match["name"] in found:
            raise ConfigError(f"{source} names {match['name']!r} twice. Give each backend a name of its own.")
        found[match["name"]] = match["url"].rstrip("/")
    return found
