"""A SOCKS server's refusals become errors that say whose turn it is."""

from __future__ import annotations

import pytest

from services.tunnel.socks_reply import refusal, reply_code

CODES = {
    0x01: "backend-unreachable",
    0x02: "backend-unreachable",
    0x03: "backend-unreachable",
    0x04: "backend-unreachable",
    0x05: "backend-refused",
    0x06: "backend-unreachable",
    0x07: "backend-unreachable",
    0xF0: "backend-not-published",
    0xF1: "backend-not-published",
    0xF2: "backend-unreachable",
    0xF3: "backend-unreachable",
    0xF4: "backend-key-missing",
    0xF5: "backend-key-refused",
    0xF6: "address-refused",
    0xF7: "backend-unreachable",
    0xFE: "backend-unreachable",
    None: "backend-unreachable",
}


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_its_meaning(code: int | None) -> None:
    """Those that nobody has defined, and no reply at all, say no more than that there was no connection."""
    error = refusal(code)

    assert CODES[code] == error.code
    assert str(error)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        ("Invalid reply code: 0XF4", None, 0xF4),
        ("Invalid reply code: 0xf0", None, 0xF0),
        ("Host unreachable", 4, 4),
        ("Unexpected SOCKS version number: 0X48", None, None),
        ("", None, None),
    ],
)
def test_the_code_is_found(words: str, code: int | None, expected: int | None) -> None:
    """In the library's words where it does not know the code; the integration tests see its words."""
    assert expected == reply_code(words, code)
