"""``darkroom tunnel install`` as an operator runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.anonnet.binaries import binaries_or_skip
from tests.servers import ROOT


def install(home: Path, *arguments: str, **environ: str) -> tuple[int, dict[str, Any]]:
    """Its exit code, and what it says in JSON."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "services.cli",
            "tunnel",
            "install",
            "--data",
            str(home),
            "--json",
            *arguments,
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode, msgspec.json.decode(done.stdout)


def test_terms_are_agreed_to_once(tmp_path: Path) -> None:
    """It does not hold before the operator agreed; the act is remembered, and the setting counts as well."""
    binary = str(binaries_or_skip("anon").binary)
    expected = {"binary": binary, "terms": "https://www.anyone.io/terms"}
    agreed, not_agreed = (
        {**expected, "ok": True, "agreed_to_terms": True},
        {**expected, "ok": False, "agreed_to_terms": False},
    )

    assert (1, not_agreed) == install(tmp_path, ANON_BINARY=binary)
    assert (0, agreed) == install(tmp_path, ANON_BINARY=binary, ANON_AGREE_TO_TERMS="yes")
    assert (0, agreed) == install(tmp_path, "--agree-to-terms", ANON_BINARY=binary)
    assert (0, agreed) == install(tmp_path, ANON_BINARY=binary)


@pytest.mark.parametrize(
    ("environ", "code", "words"),
    [
        ({"ANON_BINARY": "/nowhere"}, 1, "ANON_BINARY names /nowhere"),
        ({"PATH": "/nowhere"}, 1, "apt-get install npm"),
    ],
)
def test_what_is_in_the_way(tmp_path: Path, environ: dict[str, str], code: int, words: str) -> None:
    """It does not hold, and says what to do."""
    found, said = install(tmp_path, **environ)

    assert code == found
    assert words in said["error"]


def test_npm_can_not_tell(tmp_path: Path) -> None:
    """Whether anon can be had can't be told when npm does not get it; it is another exit code."""
    (tmp_path / "npm").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "npm").chmod(0o755)

    code, said = install(tmp_path / "home", PATH=str(tmp_path))

    assert 2 == code
    assert "npm pack" in said["error"]
