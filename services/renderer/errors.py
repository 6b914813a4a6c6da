"""
What can go wrong between an attempt and its picture.

RetryableError
├── TunnelDownError         our own tunnel does not answer: nothing left this machine
├── BackendDownError        the tunnel could not reach the backend: nothing arrived there
│   └── BackendCutError     the exchange broke after it began: it may have taken effect
├── UnexpectedAnswerError   the backend answered as ComfyUI never should: likewise
├── PromptBusyError         a prompt that is to be purged waits or runs yet
└── AlreadyUnderwayError    this process is at this attempt already
AttemptFailedError          the attempt is over; becomes the ``RenderFailed`` fact
SpoiltError                 the prompt is queued, but would not make all that it should
CalledOffError              nobody wants the attempt any more; nothing is said
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.errors import RetryableError, ServiceError, UnavailableError


class TunnelDownError(UnavailableError):
    """The tunnel does not answer. Nothing was sent anywhere."""

    code = "tunnel-down"


class BackendDownError(UnavailableError):
    """The tunnel could not reach the backend. The request did not arrive."""

    code = "backend-unreachable"


class BackendCutError(BackendDownError):
    """The exchange with the backend broke. Whether the request took effect is unknown."""

    code = "backend-cut"


class RouteRefusedError(BackendDownError):
    """The tunnel does not let this request through: its allow-list and this code disagree."""

    code = "route-refused"


class UnexpectedAnswerError(RetryableError):
    """The backend's answer is not ComfyUI's. Whether the request took effect is unknown."""

    code = "backend-answer"


class PromptBusyError(RetryableError):
    """The prompt that is to be purged waits or runs yet."""

    code = "prompt-busy"


class AlreadyUnderwayError(RetryableError):
    """This process is at this attempt already; the second delivery waits for the first."""

    code = "already-underway"


class CalledOffError(ServiceError):
    """The attempt was cancelled, or another took its place."""

    code = "called-off"


class AttemptFailedError(ServiceError):
    """
    The attempt ended without a picture; fields as in ``schemas.facts.RenderFailed``.

    Attributes:
        details: Shown to a person: never a path, a traceback or their words.
        trace: For the operator's log only: names of node, class and exception.
    """

    def __init__(self, code: str, *, retryable: bool, details: Mapping[str, str] | None = None) -> None:
        super().__init__(code, code=code)
        self.retryable = retryable
        self.details = dict(details or {})
        self.trace: dict[str, str] = {}


class SpoiltError(ServiceError):
    """A prompt was taken without one of its outputs: it has to be stopped. ``failure`` says why."""

    code = "spoilt"

    def __init__(self, failure: AttemptFailedError) -> None:
        super().__init__()
        self.failure = failure
