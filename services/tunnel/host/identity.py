"""
Who this host is to its clients: the key that is its address, and one key for each client. Pure.

A v3 address is made from an ed25519 key and the release's own suffix, so the same identity has another
address under ``anon`` than under ``tor``: an address is never computed here, ``anon`` tells it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Meta, Struct
from msgspec.structs import replace

from services.common.errors import ConfigError

KEY_BYTES = 32
VERSION = 1

_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SECRET_HEAD = b"== ed25519v1-secret: type0 ==".ljust(32, b"\0")
_PUBLIC_HEAD = b"== ed25519v1-public: type0 ==".ljust(32, b"\0")

Key = Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class Identity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    All that a host needs to be the same host again.

    Attributes:
        version: Of this file.
        comfyui: Seed of the ed25519 key under which ComfyUI is published.
        web: Seed of the one for the web chat, if that was ever published.
        clients: By name, the x25519 key that opens ComfyUI's descriptor.
    """

    version: Annotated[int, Meta(ge=VERSION, le=VERSION)] = VERSION
    comfyui: Key
    web: Key | None = None
    clients: dict[str, Key] = {}

    def __repr__(self) -> str:
        return f"Identity(clients={sorted(self.clients)})"

    def with_client(self, name: str, fresh: bytes) -> Identity:
        """
        The same with *name* let in; a client that has a key keeps it.

        Args:
            name: Up to 32 of a-z, 0-9 and -.
            fresh: 32 random bytes, in case it is new.

        Raises:
            ConfigError: That is no name.
        """
        if not _CLIENT.fullmatch(name):
            raise ConfigError(f"{name!r} can't be a client's name. Use up to 32 of a-z, 0-9 and -.")
        return self if name in self.clients else replace(self, clients={**self.clients, name: fresh})

    def without_client(self, name: str) -> Identity:
        """The same with *name* shut out; raises ``ConfigError`` when there is none of that name."""
        if name not in self.clients:
            known = ", ".join(sorted(self.clients)) or "there are none"
            raise ConfigError(f"No client is called {name!r}. Known: {known}.")
        return replace(self, clients={client: key for client, key in self.clients.items() if client != name})

    def with_web(self, fresh: bytes) -> Identity:
        """The same with a key for the web chat: the one it had, or *fresh*, 32 random bytes."""
        return self if self.web is not None else replace(self, web=fresh)


def service_files(seed: bytes) -> dict[str, bytes]:
    """The key files of a hidden service, by name, as ``tor`` and ``anon`` read them."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return {
        "hs_ed25519_secret_key": _SECRET_HEAD + _expanded(seed),
        "hs_ed25519_public_key": _PUBLIC_HEAD + public,
    }


def authorized_line(key: bytes) -> str:
    """What stands in ``authorized_clients/<name>.auth``: the public half of a client's *key*."""
    public = X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
    return f"descriptor:x25519:{base32(public)}\n"


def base32(data: bytes) -> str:
    """Keys as they are written for ``anon``: without padding."""
    return base64.b32encode(data).decode().rstrip("=")


def _expanded(seed: bytes) -> bytes:
    # RFC 8032, 5.1.5: tor keeps what others make anew from the seed each time.
    digest = bytearray(hashlib.sha512(seed).digest())
    digest[0] &= 248
    digest[31] &= 127
    digest[31] |= 64
    return bytes(digest)
