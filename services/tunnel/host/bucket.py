"""A token bucket: so many at once, so many a second for good. Pure; the clock is the caller's."""

from __future__ import annotations

from msgspec import Struct


class Bucket(Struct, frozen=True, kw_only=True):
    """
    How much may still be taken.

    Attributes:
        rate: Tokens that come back in a second.
        size: The most that it holds.
        tokens: What it held at *at*.
        at: In seconds of any clock that does not go back.
    """

    rate: float
    size: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, size: float, now: float) -> Bucket:
        """A bucket of which nothing was taken yet."""
        return cls(rate=rate, size=size, tokens=size, at=now)

    def taken(self, now: float) -> tuple[Bucket, float]:
        """
        Take a token at *now*.

        Returns:
            The bucket afterwards, and 0; or the same bucket, and the seconds until there is one.
        """
        passed = max(now - self.at, 0.0)
        held = min(self.tokens + passed * self.rate, self.size)
        if held < 1.0:
            return self, (1.0 - held) / self.rate
        return Bucket(rate=self.rate, size=self.size, tokens=held - 1.0, at=max(now, self.at)), 0.0
