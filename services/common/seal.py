"""
Sealing with AES-256-GCM: private structs whole, media in chunks.

A sealed box is ``0x01 ‖ nonce (12) ‖ ciphertext and tag``. Its associated data says what it belongs
to, so a box that was moved to another event or message does not open.
"""

from __future__ import annotations

import os
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from schemas import codec
from services.common.errors import RejectedError

_BOX_V1 = b"\x01"
_NONCE_BYTES = 12

T = TypeVar("T")


class UnsealError(RejectedError):
    """Sealed bytes do not open: another key, another owner, or they were changed."""

    code = "unseal"


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return AESGCM.generate_key(256)


def seal(key: bytes, plain: bytes, belongs_to: UUID) -> bytes:
    """Seal *plain* under *key* as a part of *belongs_to*."""
    nonce = os.urandom(_NONCE_BYTES)
    return _BOX_V1 + nonce + AESGCM(key).encrypt(nonce, plain, belongs_to.bytes)


def unseal(key: bytes, box: bytes, belongs_to: UUID) -> bytes:
    """
    Open a box.

    Raises:
        UnsealError: It is not a box of *belongs_to* under *key*, or not whole.
    """
    if box[:1] != _BOX_V1:
        raise UnsealError("not a sealed box")
    nonce, body = box[1 : 1 + _NONCE_BYTES], box[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, belongs_to.bytes)
    except (InvalidTag, ValueError) as exc:
        raise UnsealError("sealed bytes do not open") from exc


def seal_struct(key: bytes, private: Struct, belongs_to: UUID) -> bytes:
    """Seal a struct of ``schemas.private``."""
    return seal(key, codec.encode_private(private), belongs_to)


def unseal_struct(key: bytes, box: bytes, belongs_to: UUID, kind: type[T]) -> T:
    """Open a struct of ``schemas.private``; raises ``UnsealError``, also when it holds another kind."""
    plain = unseal(key, box, belongs_to)
    try:
        return codec.decode_private(plain, kind)
    except msgspec.DecodeError:
        # Not even as the cause: what could not be read is private.
        raise UnsealError(f"sealed bytes are no {kind.__name__}") from None
