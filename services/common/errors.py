"""
Errors, sorted by what the caller should do next.

ServiceError
├── RetryableError      the same input may work later   → nak with a delay
└── RejectedError       the same input never works      → park, or answer the person

Anything else is a bug: the task group falls, the supervisor restarts, the message comes again.
"""

from __future__ import annotations


class ServiceError(Exception):
    """Base of the two kinds. ``code`` is a stable slug and public; the text may change."""

    code = "service"

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        if code is not None:
            self.code = code


class RetryableError(ServiceError):
    """The same input may succeed later."""

    code = "retryable"


class RejectedError(ServiceError):
    """The same input will never succeed."""

    code = "rejected"


class UnavailableError(RetryableError):
    """A service this one stands on (NATS, Postgres, the tunnel) does not answer."""

    code = "unavailable"


class VersionConflictError(RetryableError):
    """Someone appended first: reload the stream and decide again."""

    code = "version-conflict"


class ConfigError(ServiceError):
    """A setting is missing or wrong; the message names the variable and the remedy."""

    code = "config"
