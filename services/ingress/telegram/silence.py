"""How long the Bot API has not answered."""

from __future__ import annotations

from time import monotonic

_LONG_S = 90.0


class Silence:
    """Broken by every answer to a call that is made again and again."""

    def __init__(self) -> None:
        self._heard_at = monotonic()

    def is_broken(self) -> None:
        """An answer came."""
        self._heard_at = monotonic()

    async def check(self) -> str:
        """For ``/readyz``: empty while the Bot API answers, else what is missing."""
        silent_s = monotonic() - self._heard_at
        return "" if silent_s < _LONG_S else f"the Bot API has not answered for {silent_s:.0f} s"
