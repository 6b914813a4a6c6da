"""When a submitted prompt will not end any more. Pure: it is told what was seen and when."""

from __future__ import annotations

from services.common.errors import ServiceError
from services.renderer.comfyui.standing import Standing
from services.renderer.errors import AttemptFailedError, TunnelDownError, UnexpectedAnswerError

LOST_AFTER_S = 1.0
LOST_AFTER_LOOKS = 3
"""A prompt in neither the queue nor the history is lost, but only after so many looks over so long."""

WEDGED_AFTER_S = 20.0
"""ComfyUI takes the next prompt at once; a queue that waits while nothing runs has lost its worker."""


class Watch:
    """
    Watches one prompt.

    Args:
        timeout_s: Without any sign of life for so long, it is given up.
        now: Seconds on the clock that later calls read too.
    """

    def __init__(self, timeout_s: float, now: float) -> None:
        self._timeout_s = timeout_s
        self._sign: tuple[object, ...] = ()
        self._alive_at = now
        self._idle_since: float | None = None
        self._absent_since: float | None = None
        self._absences = 0

    def saw(self, standing: Standing, signs: int, now: float) -> None:
        """
        A look succeeded.

        Args:
            standing: What it found.
            signs: Events of the prompt so far.
            now: Seconds.

        Raises:
            AttemptFailedError: ``backend-lost-job``, ``backend-wedged`` or ``render-timeout``.
        """
        sign = standing.state, standing.ahead, signs
        if sign != self._sign:
            self._sign, self._alive_at = sign, now
        self._count_absence(standing, now)
        waits = standing.state == "pending" and not standing.busy
        self._idle_since = (self._idle_since if self._idle_since is not None else now) if waits else None
        if self._idle_since is not None and now - self._idle_since >= WEDGED_AFTER_S:
            raise AttemptFailedError("backend-wedged", retryable=True)
        if now - self._alive_at >= self._timeout_s:
            raise AttemptFailedError("render-timeout", retryable=True)

    def could_not_look(self, trouble: ServiceError, now: float) -> None:
        """
        A look failed.

        Raises:
            TunnelDownError: *trouble* itself, after the timeout: that is no fault of the backend.
            AttemptFailedError: ``backend-unreachable`` or ``backend-answer``, after the timeout.
        """
        self._idle_since = None
        if now - self._alive_at < self._timeout_s:
            return
        if isinstance(trouble, TunnelDownError):
            raise trouble
        code = "backend-answer" if isinstance(trouble, UnexpectedAnswerError) else "backend-unreachable"
        raise AttemptFailedError(code, retryable=True, details={"reason": trouble.code})

    def _count_absence(self, standing: Standing, now: float) -> None:
        if standing.state != "absent":
            self._absent_since, self._absences = None, 0
            return
        self._absences += 1
        if self._absent_since is None:
            self._absent_since = now
        if self._absences >= LOST_AFTER_LOOKS and now - self._absent_since >= LOST_AFTER_S:
            raise AttemptFailedError("backend-lost-job", retryable=True)
