"""What is sealed opens only whole, with its key, in its place."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.private import Address, MessageAddress, RequestSecrets, Words
from services.common.seal import UnsealError, new_key, seal, seal_struct, unseal, unseal_struct
from services.common.seal_chunks import CHUNK_BYTES, seal_chunks, unseal_chunks
from tests.builders import uuid

KEY, OTHER = b"k" * 32, b"o" * 32
HERE, THERE = uuid(1), uuid(2)
_SIZES = st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])


def test_a_struct_comes_back() -> None:
    """What was sealed is what opens."""
    words = Words(said="/f a cat", prompt="a cat")

    assert words == unseal_struct(KEY, seal_struct(KEY, words, HERE), HERE, Words)


def test_another_kind_is_not_taken_for_it() -> None:
    """A job's sealed address put where its secrets belong is refused, as what is sealed and no struct is."""
    box = seal_struct(KEY, MessageAddress(chat_id=1, message_id=2), HERE)

    for kind in (Address, RequestSecrets):
        with pytest.raises(UnsealError):
            unseal_struct(KEY, box, HERE, kind)
    with pytest.raises(UnsealError):
        unseal_struct(KEY, seal(KEY, b"{", HERE), HERE, Words)


@pytest.mark.parametrize(("key", "place"), [(OTHER, HERE), (KEY, THERE)])
def test_another_key_or_place_does_not_open(key: bytes, place: UUID) -> None:
    """A box moved to another event, or tried with another key, is refused."""
    with pytest.raises(UnsealError):
        unseal(key, seal(KEY, b"secret", HERE), place)


@given(st.data())
def test_a_box_with_any_bit_flipped_does_not_open(data: st.DataObject) -> None:
    """Nothing changed passes."""
    box = bytearray(seal(KEY, b"secret", HERE))
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8

    with pytest.raises(UnsealError):
        unseal(KEY, bytes(box), HERE)


@pytest.mark.parametrize("box", [b"", b"\x01", b"\x01" + b"n" * 12, b"\x03" + b"x" * 40])
def test_what_is_no_box_is_refused(box: bytes) -> None:
    """Short or foreign bytes are an error with a name, not a crash."""
    with pytest.raises(UnsealError):
        unseal(KEY, box, HERE)


@given(_SIZES, st.integers(1, 2 * CHUNK_BYTES), st.integers(1, 2 * CHUNK_BYTES))
def test_media_come_back_however_they_are_cut(size: int, cut_in: int, cut_out: int) -> None:
    """Pieces of any size in, pieces of any size out."""
    plain = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    sealed = b"".join(seal_chunks(KEY, (plain[i : i + cut_in] for i in range(0, size, cut_in))))
    pieces = (sealed[i : i + cut_out] for i in range(0, len(sealed), cut_out))

    assert plain == b"".join(unseal_chunks(KEY, pieces))


SEALED = b"".join(seal_chunks(KEY, [b"m" * (3 * CHUNK_BYTES + 5)]))
_STEP = CHUNK_BYTES + 16


@pytest.mark.parametrize(
    "changed",
    [
        SEALED[:-1],
        SEALED[: 1 + 3 * _STEP],
        SEALED[:1] + SEALED[1 + _STEP :],
        SEALED[:1] + SEALED[1 + _STEP : 1 + 2 * _STEP] + SEALED[1 : 1 + _STEP] + SEALED[1 + 2 * _STEP :],
        SEALED + b"x",
        b"",
        b"\x02",
    ],
    ids=["cut", "last chunk gone", "first chunk gone", "swapped", "longer", "empty", "header only"],
)
def test_media_changed_in_any_way_do_not_open(changed: bytes) -> None:
    """A chunk cut, dropped, swapped or added is found."""
    with pytest.raises(UnsealError):
        list(unseal_chunks(KEY, [changed]))


def test_keys_are_fresh() -> None:
    """Two media never share a key."""
    assert new_key() != new_key()
