"""
Sealing media in chunks, with memory that does not grow with the medium.

Format: ``0x02``, then chunks of 64 KiB plain, each AES-256-GCM under the medium's own key. The nonce is
the chunk's number and a flag for the last one (the STREAM construction), so a chunk that was changed,
dropped, swapped or cut off at the end does not open. A key seals one medium and is never used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.seal import UnsealError

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_HEADER = b"\x02"


def seal_chunks(key: bytes, plain: Iterable[bytes]) -> Iterator[bytes]:
    """Seal pieces of any size; yields the header, then one sealed chunk at a time."""
    cipher = AESGCM(key)
    yield _HEADER
    number = 0
    held: bytes | None = None
    for chunk in _regroup(plain, CHUNK_BYTES):
        if held is not None:
            yield cipher.encrypt(_nonce(number, last=False), held, None)
            number += 1
        held = chunk
    yield cipher.encrypt(_nonce(number, last=True), held or b"", None)


def sealed_size(plain_bytes: int) -> int:
    """How many bytes ``seal_chunks`` makes of so many."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return len(_HEADER) + plain_bytes + chunks * _TAG_BYTES


def unseal_chunks(key: bytes, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """
    Open what ``seal_chunks`` made, from pieces of any size.

    Raises:
        UnsealError: At the first chunk that does not open. What was yielded before is genuine.
    """
    cipher = AESGCM(key)
    number = 0
    held: bytes | None = None
    for chunk in _regroup(_without_header(sealed), CHUNK_BYTES + _TAG_BYTES):
        if held is not None:
            yield _open(cipher, number, held, last=False)
            number += 1
        held = chunk
    yield _open(cipher, number, held or b"", last=True)


def _open(cipher: AESGCM, number: int, chunk: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), chunk, None)
    except (InvalidTag, ValueError) as exc:
        raise UnsealError(f"chunk {number} of a sealed medium does not open") from exc


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _without_header(sealed: Iterable[bytes]) -> Iterator[bytes]:
    pieces = iter(sealed)
    first = next((piece for piece in pieces if piece), b"")
    if first[:1] != _HEADER:
        raise UnsealError("not a sealed medium")
    yield first[1:]
    yield from pieces


def _regroup(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of *size*; only the last is shorter, and none is empty."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= size:
            yield bytes(buffer[:size])
            del buffer[:size]
    if buffer:
        yield bytes(buffer)
