"""Which program carries the tunnel, and what its hidden services are called. Pure."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

_VERSION = re.compile(r"^(Anon|Tor) version ((\d+)\.(\d+)\.(\d+)\.?(\d+)?\S*?)\.?( |$)", re.MULTILINE)

# Where the address's ending changed, as read off every tag. The checksum in an address changed with it, so
# an address of one family is never one of another.
_FIRST_ANYONE = (0, 4, 10, 0)
_FIRST_ANON = (0, 4, 9, 9)


class Flavour(Struct, frozen=True, kw_only=True):
    """
    What a binary is.

    Attributes:
        program: anon, or the tor that it descends from.
        version: As it says it, like ``0.4.9.11-live``.
        tld: How its hidden services' addresses end, without the dot.
    """

    program: Literal["anon", "tor"]
    version: str
    tld: str

    @property
    def rc(self) -> str:
        """What its configuration is called, in its options' names."""
        return "anonrc" if self.program == "anon" else "torrc"


def parse_flavour(said: str) -> Flavour | None:
    """The flavour of a binary whose ``--version`` *said* this; ``None`` when it is neither anon nor tor."""
    found = _VERSION.search(said)
    if found is None:
        return None
    version = (int(found[3]), int(found[4]), int(found[5]), int(found[6] or 0))
    if found[1] == "Tor":
        return Flavour(program="tor", version=found[2], tld="onion")
    tld = "anyone" if version >= _FIRST_ANYONE else "anon" if version >= _FIRST_ANON else "onion"
    return Flavour(program="anon", version=found[2], tld=tld)
