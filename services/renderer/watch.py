"""When a submitted prompt will not end any more. Pure: it is told what was seen and when."""

from __future__ import annotations

from msgspec import Struct

from services.common.errors import ServiceError
from services.renderer.comfyui.standing import Standing
from services.renderer.errors import AttemptFailedError, TunnelDownError, UnexpectedAnswerError

LOST_AFTER_S = 1.0
LOST_AFTER_LOOKS = 3
"""A prompt in neither the queue nor the history is lost, but only after so many looks over so long."""

_SLOWEST_STEPS = 10
"""A step may take so many times as long as the slowest before it."""


class Limits(Struct, frozen=True, kw_only=True):
    """
    How long a prompt may give no sign of life, in seconds.

    Attributes:
        silence_s: In any case. A first load of a large model takes minutes without a word.
        stall_s: Between two steps of a node that counts them, or longer if its steps are slow.
        idle_s: Waiting while nothing runs: ComfyUI takes the next prompt at once, so its worker is gone.
    """

    silence_s: float = 900.0
    stall_s: float = 120.0
    idle_s: float = 20.0


class Sign(Struct, frozen=True, kw_only=True):
    """
    What was heard of a prompt besides looking.

    Attributes:
        heard: Events so far.
        is_counting: It is between two steps, and the next one will be heard.
        is_behind_ours: What runs before it is an attempt of this process, which is watched itself.
    """

    heard: int = 0
    is_counting: bool = False
    is_behind_ours: bool = False


class Watch:
    """
    Watches one prompt.

    Args:
        limits: After which it is given up.
        now: Seconds on the clock that later calls read too.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._seen: tuple[object, ...] = ()
        self._alive_at = now
        self._was_counting = False
        self._slowest_s = 0.0
        self._idle_since: float | None = None
        self._absent_since: float | None = None
        self._absences = 0

    def saw(self, standing: Standing, sign: Sign, now: float) -> None:
        """
        A look succeeded.

        Raises:
            AttemptFailedError: ``backend-lost-job``; ``backend-wedged``: it waits and nothing runs;
                ``backend-busy``: something else runs, for too long; ``render-timeout``: it runs, but
                stands still.
        """
        seen = standing.state, standing.ahead, standing.running, sign.heard
        if seen != self._seen:
            if self._was_counting and sign.is_counting:
                self._slowest_s = max(self._slowest_s, now - self._alive_at)
            self._seen, self._alive_at = seen, now
        elif sign.is_behind_ours and standing.state == "pending":
            self._alive_at = now
        self._was_counting = sign.is_counting
        self._count_absence(standing, now)
        waits = standing.state == "pending" and not standing.busy
        self._idle_since = (self._idle_since if self._idle_since is not None else now) if waits else None
        if self._idle_since is not None and now - self._idle_since >= self._limits.idle_s:
            raise AttemptFailedError("backend-wedged", retryable=True)
        if now - self._alive_at >= self._patience_s(sign):
            code = "backend-busy" if standing.state == "pending" else "render-timeout"
            raise AttemptFailedError(code, retryable=True)

    def could_not_look(self, trouble: ServiceError, now: float) -> None:
        """
        A look failed.

        Raises:
            TunnelDownError: *trouble* itself, after the timeout: that is no fault of the backend.
            AttemptFailedError: ``backend-unreachable`` or ``backend-answer``, after the timeout.
        """
        self._idle_since = None
        if now - self._alive_at < self._limits.silence_s:
            return
        if isinstance(trouble, TunnelDownError):
            raise trouble
        code = "backend-answer" if isinstance(trouble, UnexpectedAnswerError) else "backend-unreachable"
        raise AttemptFailedError(code, retryable=True, details={"reason": trouble.code})

    def _patience_s(self, sign: Sign) -> float:
        if not sign.is_counting:
            return self._limits.silence_s
        return min(self._limits.silence_s, max(self._limits.stall_s, _SLOWEST_STEPS * self._slowest_s))

    def _count_absence(self, standing: Standing, now: float) -> None:
        if standing.state != "absent":
            self._absent_since, self._absences = None, 0
            return
        self._absences += 1
        if self._absent_since is None:
            self._absent_since = now
        if self._absences >= LOST_AFTER_LOOKS and now - self._absent_since >= LOST_AFTER_S:
            raise AttemptFailedError("backend-lost-job", retryable=True)
