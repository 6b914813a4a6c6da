"""Numbers drawn from a key: the same key paints the same picture on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_WORD_BYTES = 8


class Dice:
    """Endless stream of numbers that depend on *key* only."""

    def __init__(self, key: str) -> None:
        self._key = key.encode("utf-8", "replace")
        self._thrown = 0

    def throw(self) -> float:
        """Next number, at least 0 and below 1."""
        self._thrown += 1
        digest = hashlib.sha256(self._key + self._thrown.to_bytes(4, "big")).digest()
        return int.from_bytes(digest[:_WORD_BYTES], "big") / 2 ** (8 * _WORD_BYTES)

    def between(self, low: float, high: float) -> float:
        """Next number from *low* up to *high*."""
        return low + (high - low) * self.throw()

    def pick(self, options: Sequence[T]) -> T:
        """One of *options*."""
        return options[int(self.throw() * len(options))]
