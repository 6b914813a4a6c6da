"""What went through the guard lately: the inputs that were sent or asked for, and the prompts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

_REMEMBERED = 10_000


class Seen:
    """
    Names and when each was last seen, oldest first; the oldest are forgotten when there are too many.

    Times are seconds of a clock that does not go back.
    """

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._at: OrderedDict[str, float] = OrderedDict()

    def add(self, name: str, now: float) -> None:
        """*name* is seen *now*."""
        self._at[name] = now
        self._at.move_to_end(name)
        if len(self._at) > self._most:
            self._at.popitem(last=False)

    def within(self, name: str, now: float, for_s: float) -> bool:
        """Whether *name* was seen in the last *for_s*."""
        at = self._at.get(name)
        return at is not None and now - at < for_s

    def older(self, now: float, than_s: float) -> list[str]:
        """What was last seen longer ago than *than_s*."""
        return list(self._older(now, than_s))

    def drop(self, name: str) -> None:
        """Forget *name*."""
        self._at.pop(name, None)

    def _older(self, now: float, than_s: float) -> Iterator[str]:
        for name, at in self._at.items():
            if now - at < than_s:
                return
            yield name
