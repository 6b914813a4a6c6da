"""
Albums: Telegram sends each picture of one as a message of its own.

To a webhook it sends the next part only when the one before was taken, and nobody can tell which is the
last. So each part is put where it can't get lost, and let go; the album is whole when no more have come
for a while. Its parts may have come to different processes, and the one that gathers them may die.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import structlog

from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.common.seal import UnsealError, seal_struct, unseal_struct
from services.ingress.telegram.incoming import Incoming
from services.ingress.telegram.shelf import Shelf

_QUIET_S = 0.8
_PREFIX = "album"


class Albums:
    """Parts of albums that were not taken yet, sealed. Every method with I/O raises ``BusDownError``."""

    def __init__(self, shelf: Shelf, keyring: Keyring, *, quiet_s: float = _QUIET_S) -> None:
        self._shelf = shelf
        self._keyring = keyring
        self._quiet_s = quiet_s

    def album_of(self, part: Incoming) -> UUID:
        """The album that *part* belongs to."""
        return pseudonym(self._keyring.pseudonym, "album", part.chat.chat_id, part.album)

    async def put(self, part: Incoming) -> None:
        """Keep *part* until it is dropped; doing it again changes nothing."""
        box = seal_struct(self._keyring.transport, part, self.album_of(part))
        await self._shelf.put(self._key(part), box)

    async def collected(self, album: UUID) -> tuple[Incoming, ...]:
        """All parts of *album*, in order, once it is whole as far as anyone can tell; nothing if dropped."""
        seen = -1
        while len(parts := await self._below(f"{_PREFIX}.{album}")) > seen:
            seen = len(parts)
            await asyncio.sleep(self._quiet_s)
        return parts

    async def left(self) -> tuple[Incoming, ...]:
        """Every part that is kept, whoever put it there."""
        return await self._below(_PREFIX)

    async def drop(self, parts: tuple[Incoming, ...]) -> None:
        """They were taken."""
        for part in parts:
            await self._shelf.delete(self._key(part))

    def _key(self, part: Incoming) -> str:
        return f"{_PREFIX}.{self.album_of(part)}.{part.update_id}"

    async def _below(self, prefix: str) -> tuple[Incoming, ...]:
        parts: list[Incoming] = []
        for key, box in (await self._shelf.below(prefix)).items():
            album = UUID(key.split(".")[1])
            try:
                parts.append(unseal_struct(self._keyring.transport, box, album, Incoming))
            except (UnsealError, msgspec.DecodeError) as exc:
                structlog.get_logger().error("part of an album lost", key=key, reason=type(exc).__name__)
        return tuple(sorted(parts, key=lambda part: part.update_id))
