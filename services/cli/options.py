"""What several commands are told in the same way."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.common.errors import ConfigError
from services.devstack.ports import free_port, is_free
from services.tunnel.backends import parse_backends

DEFAULT_WEB_PORT = 8080
_LAST_PORT = 65_535


def _named(value: str | None) -> str | None:
    # "." would be meant by nobody who writes --data "$UNSET".
    if value == "":
        raise typer.BadParameter("it is empty. Name a folder.")
    return value


DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DIR",
        callback=_named,
        help="Data directory; otherwise DARKROOM_HOME, or else ~/.darkroom.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one line of JSON instead of words.")]


def home(data: str | None, environ: Mapping[str, str]) -> Path:
    """The data directory, as an absolute path."""
    return Path(data or environ.get("DARKROOM_HOME") or "~/.darkroom").expanduser().resolve()


def key_file(home: Path, environ: Mapping[str, str]) -> Path:
    """The deployment's key, which ``up`` makes in the data directory unless another is named."""
    return Path(environ.get("DARKROOM_KEY_FILE") or home / "keys" / "root.key").expanduser()


def picture_file(once: str | None, out: Path | None) -> Path | None:
    """
    Where ``--once`` saves what it gets, if that was said; looked at before anything is rendered.

    Raises:
        ConfigError: It could not be saved there, or there is nothing to say, or to save.
    """
    if once is None:
        if out is not None:
            raise ConfigError('--out goes with --once: ./dev up --once "/f an astronaut" --out FILE.')
        return None
    if not once.strip():
        raise ConfigError('--once has nothing to say. Give it a text: --once "/f an astronaut".')
    place = out or Path("darkroom.png")  # or the like: what it is called is known when it is there
    try:
        if not place.parent.is_dir():
            raise ConfigError(f"{place} can't be written: there is no folder {place.parent}. Make it first.")
        writable = os.access(place if place.exists() else place.parent, os.W_OK)
    except PermissionError:
        writable = False
    if not writable:
        raise ConfigError(f"{place} can't be written: permission denied. Name another file with --out.")
    return out


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
    text = ",".join(given) if given else environ.get("DARKROOM_BACKENDS", "").strip(", ")
    if not given and not text:
        return {}
    return {name: backend.origin for name, backend in parse_backends(text, source).items()}
