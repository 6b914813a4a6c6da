"""The binary: where it is, what it is, and which options it knows."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from services.common.errors import ConfigError
from services.tunnel.anon.flavour import Flavour, parse_flavour
from services.tunnel.anon.install import installed

_ANSWER_TIMEOUT_S = 60.0


def find_binary(setting: str, home: Path) -> Path:
    """
    The binary that ``ANON_BINARY`` names in *setting*, else the one installed under *home*.

    Raises:
        ConfigError: There is none.
    """
    if setting:
        path = Path(setting).expanduser()
        if not path.is_file() or not os.access(path, os.X_OK):
            raise ConfigError(f"ANON_BINARY names {path}, which is not a program that can be run.")
        return path
    path = installed(home / "anon")
    if not path.is_file():
        raise ConfigError(
            "There is no anon yet. Install it with: ./dev darkroom tunnel install; "
            "or name yours in ANON_BINARY."
        )
    return path


async def flavour_of(binary: Path) -> Flavour:
    """
    Ask *binary* what it is.

    Raises:
        ConfigError: It does not run, or is something else.
    """
    said = await _answer(binary, "--version")
    flavour = parse_flavour(said)
    if flavour is None:
        raise ConfigError(f"{binary} is neither anon nor tor. Name another program in ANON_BINARY.")
    return flavour


async def options_of(binary: Path, flavour: Flavour) -> frozenset[str]:
    """
    The names of all options that *binary* knows.

    Raises:
        ConfigError: It does not say.
    """
    said = await _answer(binary, f"--list-{flavour.rc}-options")
    return frozenset(line.strip() for line in said.splitlines() if line.strip())


async def _answer(binary: Path, question: str) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            str(binary), question, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as exc:
        raise ConfigError(
            f"{binary} can't be run here: {exc.strerror}. Is it built for this machine?"
        ) from exc
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            out, _ = await process.communicate()
    except TimeoutError as exc:
        process.kill()
        await process.wait()
        raise ConfigError(f"{binary} did not answer {question} within {_ANSWER_TIMEOUT_S:g} s.") from exc
    return out.decode(errors="replace")
