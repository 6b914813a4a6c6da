"""What a SOCKS server's refusal means, the codes of ``ExtendedErrors`` among them. Pure."""

from __future__ import annotations

import re

from services.tunnel.errors import (
    AddressRefusedError,
    BackendError,
    BackendKeyMissingError,
    BackendKeyRefusedError,
    BackendNotPublishedError,
    BackendRefusedError,
    BackendUnreachableError,
    RefusedError,
)

# tor's proposal 304; python-socks knows no code over 8, and gives them in words only.
_HIDDEN = re.compile(r"Invalid reply code: 0X([0-9A-F]{2})", re.IGNORECASE)

_MEANINGS: dict[int, tuple[type[RefusedError | BackendError], str]] = {
    0x01: (BackendUnreachableError, "The circuit ended before the backend took the connection."),
    0x04: (BackendUnreachableError, "The network finds no way to the backend."),
    0x05: (BackendRefusedError, "The backend's hidden service does not offer this port."),
    0x06: (BackendUnreachableError, "The network did not reach the backend in time."),
    0xF0: (BackendNotPublishedError, ""),
    0xF1: (BackendNotPublishedError, "What the network holds of the backend's hidden service is not valid."),
    0xF2: (BackendUnreachableError, "The backend's host takes no introductions: it has just gone, or moved."),
    0xF3: (BackendUnreachableError, "The backend's host did not come to the rendezvous."),
    0xF4: (BackendKeyMissingError, ""),
    0xF5: (BackendKeyRefusedError, ""),
    0xF6: (AddressRefusedError, ""),
    0xF7: (BackendUnreachableError, "The backend's host did not answer the introduction in time."),
}


def reply_code(words: str, code: int | None) -> int | None:
    """The server's code; *code* is what python-socks made of it, *words* how it put it."""
    if code is not None:
        return int(code)
    found = _HIDDEN.search(words)
    return int(found[1], 16) if found else None


def refusal(code: int | None) -> RefusedError | BackendError:
    """The error for a server's *code*, nothing being a reply that is not SOCKS."""
    if code is None:
        return BackendUnreachableError("The SOCKS port gave no proper answer.")
    kind, words = _MEANINGS.get(code, (BackendUnreachableError, f"The network answered {code:#04x}."))
    return kind(words)
