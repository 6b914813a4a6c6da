"""The programs a network is made of: the real anon out of its npm package, and Debian's tor."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pytest

from services.common.errors import ConfigError, ServiceError
from services.tunnel.anon.install import install

Program = Literal["anon", "tor"]
PROGRAMS: tuple[Program, ...] = get_args(Program)

GIVEN = "TEST_ANON_BINARY"
"""Where ``tests/conftest.py`` keeps what stood in ``ANON_BINARY``, which no test may inherit."""

_CACHE = Path(sys.prefix) / "darkroom-anon"


class MissingError(Exception):
    """A program is not there; the message says how to get it."""


@dataclass(frozen=True)
class Binaries:
    """One flavour's programs."""

    program: Program
    binary: Path
    gencert: Path


def binaries(program: Program) -> Binaries:
    """
    Find *program*; the real anon is installed into the environment's folder on first use.

    Raises:
        MissingError: It can't be had here.
    """
    if program == "tor":
        return _pair(program, _which("tor"), _which("tor-gencert"))
    if given := os.environ.get(GIVEN):
        return _pair(program, Path(given), Path(given).with_name("anon-gencert"))
    try:
        installed = install(_CACHE)
    except (ConfigError, ServiceError) as exc:
        raise MissingError(f"{exc} Or name one: ANON_BINARY=/path/to/anon ./dev test") from exc
    return _pair(program, installed, installed.with_name("anon-gencert"))


def binaries_or_skip(program: Program) -> Binaries:
    """Likewise, but a program that is missing skips the test, and fails it in CI, which skips nothing."""
    try:
        return binaries(program)
    except MissingError as exc:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{exc}", pytrace=False)
        pytest.skip(f"*** NOT TESTED with {program}: {exc}")


def _which(name: str) -> Path:
    # Debian keeps tor in sbin, which is not on everybody's PATH.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    return Path(found) if found else Path("/usr/sbin") / name


def _pair(program: Program, binary: Path, gencert: Path) -> Binaries:
    for path in (binary, gencert):
        if not os.access(path, os.X_OK):
            raise MissingError(f"There is no {path}. On Debian and Ubuntu: apt-get install tor.")
    return Binaries(program, binary, gencert)
