"""Hosts: hidden services on a private network, as a GPU's owner would publish a ComfyUI."""

from __future__ import annotations

import base64
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.devstack.ports import free_port
from tests.anonnet.client import Client
from tests.anonnet.keys import make_data_dir
from tests.anonnet.shared import SharedNetwork

PORT = 80


@dataclass(frozen=True)
class Key:
    """A client's key in base 32, as the files have it."""

    public: str
    private: str


@dataclass(frozen=True)
class Host:
    """
    A hidden service.

    Attributes:
        address: Of the service, which offers port 80.
        port: Where the backend is expected on this machine; whoever tests starts one there.
        process: That publishes it.
    """

    address: str
    port: int
    process: Client


def new_key() -> Key:
    """A fresh pair."""
    key = X25519PrivateKey.generate()
    return Key(_base32(key.public_key().public_bytes_raw()), _base32(key.private_bytes_raw()))


def authorize(home: Path, address: str, key: Key) -> None:
    """Give the client whose home that is *key* for the service at *address*."""
    folder = home / "tunnel" / "client" / "authorized"
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    label = address.partition(".")[0]
    (folder / "gpu.auth_private").write_text(f"{label}:descriptor:x25519:{key.private}\n")


@contextmanager
def hosted(network: SharedNetwork, folder: Path, *clients: Key) -> Generator[Host]:
    """A host while the block runs, published; only *clients* get in, if any are named."""
    data_dir, port = folder / "anon", free_port()
    make_data_dir(data_dir)
    service = data_dir / "service"
    if clients:
        authorized = service / "authorized_clients"
        authorized.mkdir(parents=True, mode=0o700)
        service.chmod(0o700)
        for number, key in enumerate(clients):
            (authorized / f"{number}.auth").write_text(f"descriptor:x25519:{key.public}\n")
    lines = (f"HiddenServiceDir {service}", f"HiddenServicePort {PORT} 127.0.0.1:{port}")
    with network.client(data_dir, *lines) as process:
        process.until_bootstrapped()
        address = (service / "hostname").read_text().strip()
        if not clients:
            process.until_reaches(address)
        yield Host(address, port, process)


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")
