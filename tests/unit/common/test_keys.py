"""The root key and what is derived from it."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.common.keys import Keyring, derive, ensure_key_file, read_keyring
from services.common.pseudonym import pseudonym


def test_each_use_has_a_key_of_its_own() -> None:
    """None serves two, and the same root gives the same keys."""
    ring = derive(b"r" * 32)

    assert 5 == len({ring.transport, ring.wrap, ring.pseudonym, ring.session, ring.webhook})
    assert ring == derive(b"r" * 32)
    assert ring != derive(b"s" * 32)


def test_a_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """A second start finds the first one's key."""
    path = tmp_path / "keys" / "root.key"
    ensure_key_file(path)
    ring = read_keyring(path)
    ensure_key_file(path)

    assert ring == read_keyring(path)
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """The sentence names the file."""
    path = tmp_path / "root.key"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"root\.key"):
        read_keyring(path)


def test_pseudonyms_depend_on_every_part_and_the_key() -> None:
    """No two chats share one, and moving text between parts makes another."""
    names = {
        pseudonym(b"k", "session", "web", 12),
        pseudonym(b"k", "session", "web1", 2),
        pseudonym(b"k", "person", "web", 12),
        pseudonym(b"l", "session", "web", 12),
    }

    assert 4 == len(names)


def test_of_many_that_start_at_once_all_have_one_key(tmp_path: Path) -> None:
    """A key that was read by anybody is never replaced."""
    path = tmp_path / "root.key"

    def start() -> Keyring:
        ensure_key_file(path)
        return read_keyring(path)

    with ThreadPoolExecutor(8) as starting:
        rings = [future.result() for future in [starting.submit(start) for _ in range(40)]]
    assert [rings[0]] * 40 == rings
    assert [path] == list(tmp_path.iterdir())
