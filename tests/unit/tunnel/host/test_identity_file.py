"""The identity's file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.host.identity import Identity
from services.tunnel.host.identity_file import back_up, ensure_identity, read_identity, write_identity

ONE = Identity(comfyui=b"a" * 32, clients={"gpu": b"b" * 32})


def mode(path: Path) -> int:
    """Its permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "host" / "identity.json"


def test_it_is_made_once(path: Path) -> None:
    """The first start makes an identity, the next one finds it."""
    made = ensure_identity(path)

    assert made == ensure_identity(path)
    assert made.comfyui != Identity(comfyui=b"a" * 32).comfyui
    assert 0o600 == mode(path)


def test_only_its_owner_reads_it(path: Path) -> None:
    """Whatever the umask, the file is closed to others, and nothing is left beside it."""
    before = os.umask(0)
    try:
        write_identity(path, ONE)
    finally:
        os.umask(before)

    assert (0o600, [path]) == (mode(path), list(path.parent.iterdir()))
    assert ONE == read_identity(path)


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o620, 0o660])
def test_a_file_that_is_open_to_others_is_refused(path: Path, open_to: int) -> None:
    """Keys that somebody else may read or change are not used; the message says how to close the file."""
    write_identity(path, ONE)
    path.chmod(open_to)

    with pytest.raises(ConfigError, match="chmod 600"):
        read_identity(path)


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    """A link in the identity's place is not followed."""
    write_identity(path, ONE)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigError):
        read_identity(path)


def test_a_broken_file_is_not_replaced(path: Path) -> None:
    """What can't be read stays as it is, and is not repeated in the message: an address may hang on it."""
    write_identity(path, ONE)
    path.write_bytes(b'{"comfyui": "secret"')

    with pytest.raises(ConfigError) as error:
        ensure_identity(path)

    assert "secret" not in str(error.value)
    assert b'{"comfyui": "secret"' == path.read_bytes()


def test_a_backup_is_the_identity(path: Path, tmp_path: Path) -> None:
    """The copy is closed to others, replaces an older copy, and put back it is the same identity."""
    write_identity(path, ONE.without_client("gpu"))
    copy = tmp_path / "backup.json"
    back_up(path, copy)
    write_identity(path, ONE)
    back_up(path, copy)

    assert 0o600 == mode(copy)
    assert ONE == read_identity(copy)


def test_a_backup_replaces_nothing_else(path: Path, tmp_path: Path) -> None:
    """A file that is no identity is not overwritten, and without an identity nothing is written."""
    copy = tmp_path / "notes.txt"
    with pytest.raises(ConfigError, match="start the host once"):
        back_up(path, copy)
    write_identity(path, ONE)
    copy.write_text("mine")

    with pytest.raises(ConfigError, match="stays as it is"):
        back_up(path, copy)

    assert "mine" == copy.read_text()
