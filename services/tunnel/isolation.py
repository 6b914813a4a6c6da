"""Who shares a circuit: SOCKS credentials, for ``anon`` never puts two different ones on the same. Pure."""

from __future__ import annotations

import hmac

from msgspec import Struct


class Credentials(Struct, frozen=True, kw_only=True):
    """What a SOCKS connection is made with; none of it means anything outside of this process."""

    user: str
    password: str


class Isolation(Struct, frozen=True, kw_only=True):
    """
    The secrets of one process.

    Attributes:
        key: Random. Without it nobody, ``anon``'s logs included, can tell a chain by its user.
        password: Random: another process that uses the same ``anon`` shares no circuit with this one.
    """

    key: bytes
    password: str

    def credentials(self, *parts: str) -> Credentials:
        """The same for the same *parts*, in which none may hold a zero character."""
        digest = hmac.digest(self.key, "\0".join(parts).encode(), "sha256")
        return Credentials(user=digest.hex(), password=self.password)
