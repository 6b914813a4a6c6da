"""How the Bot API says no, and which of those answers no well-behaved client ever gets."""

from __future__ import annotations

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    429: "Too Many Requests",
}


class RefusedError(Exception):
    """An ``ok: false`` answer that a correct client may get: a deleted message, a blocked bot, too fast."""

    def __init__(self, description: str, *, code: int = 400, retry_after_s: int = 0) -> None:
        super().__init__(description)
        self.code = code
        self.retry_after_s = retry_after_s

    @property
    def body(self) -> dict[str, object]:
        """The JSON answer, worded as the real server words it."""
        text = str(self)
        prefix = PREFIXES.get(self.code)
        description = f"{prefix}: {text}" if prefix and text and text != prefix else (text or prefix)
        answer: dict[str, object] = {"ok": False, "error_code": self.code, "description": description}
        if self.retry_after_s:
            answer["parameters"] = {"retry_after": self.retry_after_s}
        return answer


class ViolationError(RefusedError):
    """A request that is wrong in itself, whatever the state: only a broken client sends it."""


def too_many_requests(retry_after_s: int) -> RefusedError:
    """The flood answer: come back in *retry_after_s* seconds."""
    return RefusedError(f"retry after {retry_after_s}", code=429, retry_after_s=retry_after_s)
