"""The session cookie: a random id, signed, so that nobody gets a session by naming one. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re

ID_BYTES = 16
MAX_AGE_S = 365 * 24 * 3600

_VALUE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")


class SessionCookie:
    """Makes and reads the cookie of one deployment."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # Cookies know no ports: without a name of its own, each of two deployments on one
        # machine would replace the other's cookie, and with it the session.
        self.name = f"darkroom-{self._signature('name')[:8]}"

    def issue(self, fresh: bytes) -> tuple[str, str]:
        """A new session's id, out of 16 random bytes, and the cookie's value for it."""
        session = fresh[:ID_BYTES].hex()
        return session, f"{session}.{self._signature(session)}"

    def read(self, value: str | None) -> str | None:
        """The session's id; nothing when the cookie is missing or was not made here."""
        match = _VALUE.fullmatch(value or "")
        if match is None or not hmac.compare_digest(match[2], self._signature(match[1])):
            return None
        return match[1]

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
