"""Limits on what is held at once: by one session, and by all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from uuid import UUID

from services.ingress.web.problem import ProblemError


class Slots:
    """So many at once of each session."""

    def __init__(self, most: int, code: str) -> None:
        self._most = most
        self._code = code
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def taken(self, session_id: UUID) -> Generator[None]:
        """Hold a slot while the block runs; raises ``ProblemError`` (429) when there is none left."""
        if self._taken[session_id] >= self._most:
            raise ProblemError(429, self._code)
        self._taken[session_id] += 1
        try:
            yield
        finally:
            self._taken[session_id] -= 1
            if not self._taken[session_id]:
                del self._taken[session_id]


class UploadMemory:
    """Bounds all uploads together: sessions are free to make, so a limit on each of them bounds nothing."""

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = most_bytes

    @contextmanager
    def share(self) -> Generator[Callable[[int], None]]:
        """Yields what takes bytes until the block ends, or raises ``ProblemError`` (503) without any left."""
        taken_bytes = 0

        def take(size_bytes: int) -> None:
            nonlocal taken_bytes
            if size_bytes > self._left_bytes:
                raise ProblemError(503, "busy")
            self._left_bytes -= size_bytes
            taken_bytes += size_bytes

        try:
            yield take
        finally:
            self._left_bytes += taken_bytes
