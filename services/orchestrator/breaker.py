"""
A backend's circuit breaker. Pure: a function of its faults and the time.

Closed it does not matter. Open, nothing is dispatched there. When the cool-down is over it is half-open:
one job at a time goes there, and whether that is finished decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

FAULTS = 3
"""So many in a row open it."""

_AT_ONCE = frozenset({"backend-wedged"})  # everything else that is given to it would hang as well
_COOL_DOWN_S = 30.0
_COOL_DOWN_AT_MOST_S = 600.0
_DOUBLED_AT_MOST = 10

Standing = Literal["closed", "open", "half-open"]


class Breaker(Struct, frozen=True, kw_only=True):
    """
    A breaker.

    Attributes:
        faults: Since the backend last finished a job.
        code: Of the last one.
        opened: How often it opened since then.
        open_until: End of the cool-down.
        broken_since: When it opened first.
    """

    faults: int = 0
    code: str = ""
    opened: int = 0
    open_until: datetime | None = None
    broken_since: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """How it stands."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half-open"


def faulted(breaker: Breaker, code: str, at: datetime) -> Breaker:
    """After another fault; one while it is open only makes the cool-down begin anew."""
    after = replace(breaker, faults=breaker.faults + 1, code=code)
    standing = breaker.standing(at)
    if standing == "closed" and after.faults < FAULTS and code not in _AT_ONCE:
        return after
    opened = breaker.opened if standing == "open" else breaker.opened + 1
    cool_down_s = min(_COOL_DOWN_S * 2 ** min(opened - 1, _DOUBLED_AT_MOST), _COOL_DOWN_AT_MOST_S)
    return replace(
        after,
        opened=opened,
        open_until=at + timedelta(seconds=cool_down_s),
        broken_since=breaker.broken_since or at,
    )
