"""Albums: Telegram sends each picture of one as a message of its own, and often in different batches."""

from __future__ import annotations

import asyncio

from services.ingress.telegram.incoming import Incoming

_QUIET_S = 0.8


class Albums:
    """Collects the messages of an album until none has come for a while."""

    def __init__(self, quiet_s: float = _QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._open: dict[str, list[Incoming]] = {}

    def add(self, part: Incoming) -> bool:
        """Keep *part*; true when it is the first of its album, whose collection somebody has to await."""
        parts = self._open.setdefault(part.album, [])
        parts.append(part)
        return len(parts) == 1

    async def collected(self, album: str) -> tuple[Incoming, ...]:
        """All parts of *album*, in order, once it is complete as far as anyone can tell."""
        seen = 0
        while len(self._open[album]) > seen:
            seen = len(self._open[album])
            await asyncio.sleep(self._quiet_s)
        return tuple(sorted(self._open.pop(album), key=lambda part: part.update_id))
