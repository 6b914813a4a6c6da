"""Direct mode reaches this machine and nothing else."""

from __future__ import annotations

import socket

import pytest

from services.common.errors import ConfigError
from services.tunnel.backends import parse_backends
from services.tunnel.loopback import NotLoopbackError, is_loopback, loopback_socket, require_loopback


@pytest.mark.parametrize(
    "origin",
    [
        "http://10.0.0.5:8188",
        "http://example.com:80",
        "http://[::ffff:8.8.8.8]:1",
        "http://127.0.0.1.evil.example:80",
        "http://localhost.evil.example:80",
        "http://0.0.0.0:8188",
        "http://[::]:8188",
        "http://2130706433:80",
        "http://0177.0.0.1:80",
        "http://[fe80::1]:80",
        "http://169.254.169.254:80",
    ],
)
def test_elsewhere_is_refused(origin: str) -> None:
    """Only a literal loopback address passes; the message names the backend and the remedy."""
    with pytest.raises(ConfigError) as caught:
        require_loopback(parse_backends(f"gpu={origin}").values(), ["127.0.0.1"])

    assert "'gpu'" in str(caught.value)
    assert "DARKROOM_TUNNEL=anon" in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "[::1]", "[::ffff:127.0.0.1]"])
def test_literal_loopback_passes(host: str) -> None:
    """Every way to write this machine's address, whatever localhost means."""
    require_loopback(parse_backends(f"a=http://{host}:1").values(), [])


@pytest.mark.parametrize(
    ("addresses", "passes"),
    [(["127.0.0.1", "::1"], True), (["127.0.0.1", "10.0.0.1"], False), ([], False)],
)
def test_localhost_is_what_it_resolves_to(addresses: list[str], *, passes: bool) -> None:
    """``localhost`` passes only when each of its addresses is loopback, and there is one."""
    backends = parse_backends("a=http://LocalHost:8188").values()
    if passes:
        require_loopback(backends, addresses)
    else:
        with pytest.raises(ConfigError, match="'a'"):
            require_loopback(backends, addresses)


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "192.168.0.1", "2001:db8::1"])
def test_no_socket_for_elsewhere(address: str) -> None:
    """A name that has come to mean another machine gets no socket, whatever it meant at start."""
    with pytest.raises(NotLoopbackError):
        loopback_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize("text", ["localhost", "127.1", "", "127.0.0.1 ", "::1%lo/../x"])
def test_only_literals_are_addresses(text: str) -> None:
    """What needs interpreting is not taken for an address."""
    assert not is_loopback(text)
