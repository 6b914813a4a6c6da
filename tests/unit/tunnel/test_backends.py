"""DARKROOM_BACKENDS: what is read, and what is refused with which words."""

from __future__ import annotations

import pytest

from services.common.errors import ConfigError
from services.tunnel.backends import parse_backends


def test_backends_by_name() -> None:
    """Each entry becomes a backend, IPv6 and a closing slash included."""
    backends = parse_backends("one=http://127.0.0.1:8188, gpu-2=http://[::1]:9000/")

    assert {"one": "http://127.0.0.1:8188", "gpu-2": "http://[::1]:9000"} == {
        name: backend.origin for name, backend in backends.items()
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8188",
        "http://127.0.0.1",
        "http://:8188",
        "http://127.0.0.1:8188/api",
        "http://127.0.0.1:8188/?a=b",
        "http://127.0.0.1:8188#x",
        "http://me:secret@127.0.0.1:8188",
        "http://127.0.0.1:8188\\@evil.example",
        "http://127.0.0.1:8188\n",
        "http://127.0.0.1%2eevil:80",
        "127.0.0.1:8188",
        "",
    ],
)
def test_only_host_and_port(url: str) -> None:
    """Anything but http, host and port is refused; the entry is named, the URL is not repeated."""
    with pytest.raises(ConfigError) as caught:
        parse_backends(f"fine=http://127.0.0.1:1,gpu={url}x" if url.endswith("\n") else f"gpu={url}")

    assert "'gpu'" in str(caught.value)
    assert "name=http://host:port" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "http://127.0.0.1:1", "GPU=http://127.0.0.1:1", "a b=x", "a" * 33 + "=x", "a=x,"]
)
def test_names(text: str) -> None:
    """A missing or odd name is refused by the entry's number."""
    with pytest.raises(ConfigError, match="DARKROOM_BACKENDS"):
        parse_backends(text)


def test_one_name_once() -> None:
    """Two backends can't share a name."""
    with pytest.raises(ConfigError, match="'a' twice"):
        parse_backends("a=http://127.0.0.1:1,a=http://127.0.0.1:2")


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_port_range(port: int) -> None:
    """A port outside 1 to 65535 is refused."""
    with pytest.raises(ConfigError, match="port"):
        parse_backends(f"a=http://127.0.0.1:{port}")


def test_a_hidden_service_needs_no_port() -> None:
    """Its address is published at port 80; of a server on this machine the port is never guessed."""
    backends = parse_backends("gpu=http://Abc.anon,other=http://abc.onion:8188,here=http://127.0.0.1:80")

    assert {"gpu": 80, "other": 8188, "here": 80} == {name: one.port for name, one in backends.items()}
    assert {"gpu", "other"} == {name for name, one in backends.items() if one.is_hidden_service}
