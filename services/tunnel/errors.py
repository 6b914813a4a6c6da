"""
What the tunnel answers for itself, one class per code.

RefusedError            nothing was sent, and never will be
├── BackendUnknownError     404  no backend of that name
├── AddressRefusedError     403  a backend's address that may not be asked for
├── RouteRefusedError       403  not on the allow-list
├── BodyRefusedError        400  a body that may not pass
├── BodyTooLargeError       413  a body larger than the host takes
└── PromptBusyError         409  a prompt that is to be purged runs or waits
BusyError               nothing was sent; it may be asked again
├── TooManyRequestsError    429  more in a second than the host takes
└── TooManyOpenError        429  more at once than the host takes
WayError                may work later
├── TunnelDownError         503  no way out of here; nothing was sent
└── BackendError            the backend's side failed
    ├── BackendNotPublishedError 502  its hidden service is not known to the network; nothing was sent
    ├── BackendKeyMissingError   502  it lets in only those with a key, and there is none; nothing was sent
    ├── BackendKeyRefusedError   502  it does not take the key; nothing was sent
    ├── BackendRefusedError      502  nothing listens there; nothing was sent
    ├── BackendUnreachableError  502  no connection; nothing was sent
    ├── BackendTimeoutError      504  connected, then silent; it may have acted on the request
    └── BackendCutError          502  broke off before it answered; it may have acted on the request
"""

from __future__ import annotations

from typing import ClassVar

from services.common.errors import RejectedError, RetryableError

ERROR_HEADER = "Darkroom-Error"
"""Holds the code; ComfyUI's own answers never carry it."""

HOST_CODES = frozenset(
    {
        "backend-refused",
        "backend-unreachable",
        "backend-timeout",
        "backend-cut",
        "too-many-requests",
        "too-many-open",
    }
)
"""What a tunnel at the host may say of the ComfyUI beside it, and its client passes on."""


class RefusedError(RejectedError):
    """This request may not pass."""

    status: ClassVar[int] = 403


class BackendUnknownError(RefusedError):
    """No backend has that name."""

    code = "backend-unknown"
    status = 404


class AddressRefusedError(RefusedError):
    """The backend's address is no hidden service of this network: it is not asked for anywhere."""

    code = "address-refused"
    status = 403


class RouteRefusedError(RefusedError):
    """Method, route or query is not on the allow-list."""

    code = "route-refused"
    status = 403


class BodyRefusedError(RefusedError):
    """The body asks for something that may not pass."""

    code = "body-refused"
    status = 400


class BodyTooLargeError(RefusedError):
    """The body is larger than the host takes."""

    code = "body-too-large"
    status = 413


class PromptBusyError(RefusedError):
    """The prompt runs or waits, so it is not purged."""

    code = "prompt-busy"
    status = 409


class BusyError(RetryableError):
    """The host has too much to do: nothing was sent to the backend."""

    status: ClassVar[int] = 429

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyRequestsError(BusyError):
    """More requests came in a second than the host takes."""

    code = "too-many-requests"


class TooManyOpenError(BusyError):
    """More requests are under way at once than the host takes."""

    code = "too-many-open"


class WayError(RetryableError):
    """There is no way to the backend, or it did not hold."""

    status: ClassVar[int] = 502


class TunnelDownError(WayError):
    """The tunnel has no way out: nothing was sent."""

    code = "tunnel-down"
    status = 503


class BackendError(WayError):
    """The backend's side failed."""


class BackendNotPublishedError(BackendError):
    """The network knows no hidden service at the backend's address: its host has never been up, or is off."""

    code = "backend-not-published"


class BackendKeyMissingError(BackendError):
    """The backend lets in only those whom its host authorized, and there is no key for it here."""

    code = "backend-key-missing"


class BackendKeyRefusedError(BackendError):
    """The backend's host does not know the key that is here for it."""

    code = "backend-key-refused"


class BackendRefusedError(BackendError):
    """The backend is off: nothing listens at its address."""

    code = "backend-refused"


class BackendUnreachableError(BackendError):
    """No connection to the backend came about."""

    code = "backend-unreachable"


class BackendTimeoutError(BackendError):
    """The backend took the connection and then stayed silent."""

    code = "backend-timeout"
    status = 504


class BackendCutError(BackendError):
    """The backend broke off before it answered, or answered with something that is not HTTP."""

    code = "backend-cut"
