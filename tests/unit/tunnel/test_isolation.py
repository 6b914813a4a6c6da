"""SOCKS credentials tell circuits apart and tell nothing else."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.tunnel.isolation import Isolation

ONE = Isolation(key=bytes(32), password="0" * 32)
PARTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)


@given(keys=st.lists(PARTS, unique_by=tuple, min_size=2))
def test_different_keys_have_different_users(keys: list[list[str]]) -> None:
    """However they are cut: a chain can't be named so that it gets another's circuit."""
    users = sorted(ONE.credentials(*key).user for key in keys)

    assert all(before != after for before, after in pairwise(users))


def test_the_same_key_has_the_same() -> None:
    """So that one chain keeps one circuit."""
    assert ONE.credentials("chain", "a") == ONE.credentials("chain", "a")


def test_another_process_shares_nothing() -> None:
    """The users of one are not those of another, for the same chain."""
    other = Isolation(key=bytes(31) + b"1", password="0" * 32)

    assert ONE.credentials("chain", "a").user != other.credentials("chain", "a").user


def test_they_fit_into_socks() -> None:
    """ASCII, of up to 255 characters, and without a word of what they were made from."""
    made = ONE.credentials("chain", "a person's words")

    assert made.user.isascii()
    assert 64 == len(made.user)
    assert "person" not in made.user
