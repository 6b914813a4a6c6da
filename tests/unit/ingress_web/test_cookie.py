"""The session cookie: what was made here is read, anything else is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.ingress.web.cookie import SessionCookie

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@given(st.binary(min_size=16, max_size=16))
def test_an_issued_cookie_is_read(fresh: bytes) -> None:
    """It gives the session's id back: the random bytes, in hex."""
    session, value = SessionCookie(KEY).issue(fresh)

    assert fresh.hex() == session
    assert session == SessionCookie(KEY).read(value)


@given(st.text(max_size=120))
def test_what_was_not_issued_is_nothing(value: str) -> None:
    """Whatever a browser sends."""
    assert SessionCookie(KEY).read(value) is None


@given(st.integers(0, 96), st.characters(codec="ascii"))
def test_one_changed_character_is_noticed(at: int, character: str) -> None:
    """In the id, in the dot or in the signature."""
    _, value = SessionCookie(KEY).issue(bytes(16))
    changed = value[:at] + character + value[at + 1 :]

    assert changed == value or SessionCookie(KEY).read(changed) is None


def test_another_deployments_cookie_is_nothing() -> None:
    """Its key is another; so is its cookie's name, so that neither replaces the other's in one browser."""
    _, value = SessionCookie(OTHER_KEY).issue(bytes(16))

    assert SessionCookie(KEY).read(value) is None
    assert SessionCookie(KEY).read(None) is None
    assert SessionCookie(KEY).name != SessionCookie(OTHER_KEY).name
