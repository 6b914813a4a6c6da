"""Addresses of hidden services: each network's own, and nothing else is told to it."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import ConfigError
from services.tunnel.backends import parse_backends
from services.tunnel.errors import AddressRefusedError
from services.tunnel.hidden_service import (
    alias_file,
    fault,
    parse_aliases,
    require_address,
    require_reachable,
    with_addresses,
)

# Made by the real anon 0.4.9.11 and, the onion, as tor's own documentation has it.
ANON = "6dnogh6nny3ozwiycndunquwap7zt35ia7crcwvmqlnubmxwhqtiu7yd.anon"
ONION = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"


def address(key: bytes, tld: str, version: int = 3) -> str:
    """The address of a public key, by rend-spec-v3."""
    checksum = hashlib.sha3_256(f".{tld} checksum".encode() + key + bytes([version])).digest()[:2]
    return base64.b32encode(key + checksum + bytes([version])).decode().lower() + f".{tld}"


@pytest.mark.parametrize(("host", "tld"), [(ANON, "anon"), (ONION, "onion"), (f"gpu.{ANON}", "anon")])
def test_real_addresses_are_sound(host: str, tld: str) -> None:
    """With sub-domains too, which the network strips."""
    assert fault(host, tld) == ""


@given(key=st.binary(min_size=32, max_size=32), tld=st.sampled_from(["anon", "anyone", "onion"]))
def test_the_checksum_is_of_the_own_network(key: bytes, tld: str) -> None:
    """The same key has another address in each family, and none of them is one of another."""
    label = address(key, tld).partition(".")[0]

    assert [tld] == [each for each in ("anon", "anyone", "onion") if not fault(f"{label}.{each}", each)]


@given(place=st.integers(0, 55), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_letter_is_noticed(place: int, letter: str) -> None:
    """Wherever it stands, but for the chance of 1 in 65,536 that the checksum leaves (none of these)."""
    mistyped = ANON[:place] + letter + ANON[place + 1 :]

    assert (mistyped == ANON) == (fault(mistyped, "anon") == "")


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (ONION, "ends in .onion, and this network's addresses end in .anon"),
        ("127.0.0.1", "no hidden service"),
        ("comfyui.example", "no hidden service"),
        (f"{ANON}.", "no hidden service"),
        (f"{ANON}.example", "no hidden service"),
        ("anon", "no name"),
        (f"{ANON[1:]}", "there are 55 characters"),
        (f"{ANON.replace('6', '8', 1)}", "there are 56 characters"),
        (f"a..{ANON}", "no name"),
        (address(bytes(32), "anon", version=2), "checksum is wrong"),
    ],
)
def test_what_is_wrong_is_said(host: str, words: str) -> None:
    """In words that help to mend it; the last look refuses the same."""
    assert words in fault(host, "anon")
    with pytest.raises(AddressRefusedError, match="may not be asked for"):
        require_address(host, "anon")


@pytest.mark.parametrize("host", [ONION, f"{ONION}.", "x.ONION", "short.anon", "y.anyone"])
def test_no_exit_hears_of_a_hidden_service(host: str) -> None:
    """A name below any network's ending would be asked of an exit's DNS server."""
    with pytest.raises(AddressRefusedError):
        require_reachable(host, "anon")


@pytest.mark.parametrize("host", ["api.telegram.org", "203.0.113.7", ANON])
def test_the_rest_may_be_reached(host: str) -> None:
    """Public names, addresses, and the own hidden services."""
    require_reachable(host, "anon")


def test_a_config_error_says_what_to_do() -> None:
    """It names the backend, what is wrong and where the right address is printed."""
    backends = parse_backends(f"gpu=http://{ONION}:80")

    with pytest.raises(ConfigError) as caught:
        with_addresses(backends, "anon", {})

    for words in ("'gpu'", ".onion", "darkroom tunnel host", "DARKROOM_TUNNEL=direct", "anons"):
        assert words in str(caught.value)


def test_an_alias_is_replaced() -> None:
    """By the address: the alias itself would go to an exit as soon as it is gone from anon's file."""
    aliases = parse_aliases(f"# mine\n gpu.anon  {ANON} \ngpu.anon {ANON}\nother.anyone {ANON}\n", "anon")

    backends = with_addresses(parse_backends("one=http://gpu.anon:81"), "anon", aliases)

    assert f"http://{ANON}:81" == backends["one"].origin


@pytest.mark.parametrize(
    "line", [f"gpu.anon {ONION}", "gpu.anon short.anon", "gpu.anon", f"gpu.onion {ANON}"]
)
def test_an_alias_for_nothing_is_none(line: str) -> None:
    """What does not lead to an address of this network counts as not given."""
    assert {} == parse_aliases(line, "anon")


def test_each_release_has_its_alias_file() -> None:
    """Tor has none."""
    assert ("anons", "anyone_hosts", None) == (alias_file("anon"), alias_file("anyone"), alias_file("onion"))
