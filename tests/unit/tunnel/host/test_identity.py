"""Who a host is: keys, in the formats that tor and anon read."""

from __future__ import annotations

import base64
import hashlib

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from services.common.errors import ConfigError
from services.tunnel.host.identity import Identity, authorized_line, base32, service_files

SEED = bytes(range(32))
# What both binaries made of the key files of SEED: see also the integration tests.
LABEL = {
    "anon": "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4mqmqd",
    "onion": "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4bqead",
}
ONE = Identity(comfyui=SEED)


def label(public: bytes, tld: str) -> str:
    """A v3 address, by the specification's own formula."""
    checksum = hashlib.sha3_256(f".{tld} checksum".encode() + public + b"\x03").digest()[:2]
    return base64.b32encode(public + checksum + b"\x03").decode().lower()


@pytest.mark.parametrize("tld", ["anon", "onion"])
def test_the_public_key_is_the_address(tld: str) -> None:
    """The public key file holds the key that the address is made of, which differs by suffix only."""
    data = service_files(SEED)["hs_ed25519_public_key"]

    assert b"== ed25519v1-public: type0 ==\0\0\0" == data[:32]
    assert LABEL[tld] == label(data[32:], tld)


def test_the_secret_key_is_expanded() -> None:
    """The secret key file holds 64 bytes: the clamped scalar, and the rest of the seed's digest."""
    data = service_files(SEED)["hs_ed25519_secret_key"]
    scalar, rest = data[32:64], data[64:]

    assert b"== ed25519v1-secret: type0 ==\0\0\0" == data[:32]
    assert hashlib.sha512(SEED).digest()[32:] == rest
    assert (0, 0b01) == (scalar[0] & 0b111, scalar[31] >> 6)


def test_a_client_is_let_in_by_its_public_key() -> None:
    """The host's side gets the public half of what the client's side gets, both in base32 without padding."""
    key = hashlib.sha256(b"a client").digest()
    kind, way, public = authorized_line(key).strip().split(":")

    assert ("descriptor", "x25519") == (kind, way)
    assert (
        X25519PublicKey.from_public_bytes(base64.b32decode(f"{public}===="))
        == X25519PrivateKey.from_private_bytes(key).public_key()
    )
    assert 52 == len(base32(key))


def test_a_client_keeps_its_key() -> None:
    """Letting in somebody who is in already changes nothing; a new one gets the fresh key."""
    once = ONE.with_client("gpu", b"a" * 32)

    assert {"gpu": b"a" * 32} == once.clients
    assert once == once.with_client("gpu", b"b" * 32)
    assert ONE == once.without_client("gpu")


def test_the_web_chat_keeps_its_key() -> None:
    """The web chat's address is made once."""
    once = ONE.with_web(b"a" * 32)

    assert b"a" * 32 == once.web
    assert once == once.with_web(b"b" * 32)


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", ".nobody", "-a", "a" * 33, "a.auth", "ä"])
def test_names_that_are_none(name: str) -> None:
    """A client's name becomes a file's name: nothing but small letters, digits and - is one."""
    with pytest.raises(ConfigError):
        ONE.with_client(name, SEED)


def test_an_unknown_client_is_not_shut_out() -> None:
    """Revoking a name that is not there says which there are."""
    with pytest.raises(ConfigError, match="gpu"):
        ONE.with_client("gpu", SEED).without_client("cpu")


def test_secrets_do_not_show() -> None:
    """Printing an identity shows no key."""
    assert "Identity(clients=['gpu'])" == repr(ONE.with_client("gpu", SEED))


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"comfyui": "AAAA"}',
        b'{"comfyui": 1}',
        b'{"version": 2, "comfyui": "%s"}',
        b'{"comfyui": "%s", "x": 1}',
    ],
)
def test_other_files_are_no_identity(data: bytes) -> None:
    """A missing or short key, a later version, an unknown field: none of it is taken for an identity."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data.replace(b"%s", base64.b64encode(SEED)), type=Identity)
