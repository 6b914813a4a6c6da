from __future__ import annotations

import pytest

from services.tunnel.anon.flavour import parse_flavour

MORE = " is running on Linux with Libevent 2.1.12-stable.\nAnon compiled with GCC version 12.2.0\n"


@pytest.mark.parametrize(
    ("said", "flavour"),
    [
        ("Anon version 0.4.9.11-live.\nAnon" + MORE, ("anon", "0.4.9.11-live", "anon")),
        ("Anon version 0.4.9.9-live.\n", ("anon", "0.4.9.9-live", "anon")),
        ("Anon version 0.4.9.8-live.\n", ("anon", "0.4.9.8-live", "onion")),
        ("Anon version 0.4.10.0-beta.\n", ("anon", "0.4.10.0-beta", "anyone")),
        ("Anon version 0.4.10.2-git (git-0123456789abcdef).\n", ("anon", "0.4.10.2-git", "anyone")),
        ("Tor version 0.4.9.11.\nTor" + MORE, ("tor", "0.4.9.11", "onion")),
    ],
)
def test_flavours(said: str, flavour: tuple[str, str, str]) -> None:
    """Program and version are what it says; how its hidden services end follows from both."""
    found = parse_flavour(said)

    assert found is not None
    assert flavour == (found.program, found.version, found.tld)


@pytest.mark.parametrize("said", ["", "GNU bash, version 5.2.15(1)-release\n", "Anonymous version 1.2.3.4\n"])
def test_something_else(said: str) -> None:
    """A program that is neither is not taken for one."""
    assert parse_flavour(said) is None
