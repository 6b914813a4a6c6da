"""
Which message shows an entry, noted where every process of the channel finds it after a restart.

Written right after a message was sent, since sending it again would show it twice. That its last state
is shown is kept as well: an older state that comes late must not be put over it.
"""

from __future__ import annotations

from uuid import UUID

from schemas.private import MessageAddress
from services.common.keys import Keyring
from services.common.seal import seal_struct, unseal_struct
from services.ingress.telegram.shelf import Shelf


class Places:
    """Addresses by the id of what is shown: an entry, one more picture, a hint. Raises ``BusDownError``."""

    def __init__(self, shelf: Shelf, keyring: Keyring) -> None:
        self._shelf = shelf
        self._key = keyring.transport

    async def find(self, shown: UUID) -> MessageAddress | None:
        """The message that shows it, if there is one."""
        box = await self._shelf.get(str(shown))
        return None if box is None else unseal_struct(self._key, box, shown, MessageAddress)

    async def put(self, shown: UUID, where: MessageAddress) -> None:
        """From now on that message shows it."""
        await self._shelf.put(str(shown), seal_struct(self._key, where, shown))

    async def ended_at(self, shown: UUID) -> int:
        """The version in which its last state was shown, -1 when it was not yet."""
        value = await self._shelf.get(_ended(shown))
        return -1 if value is None else int(value)

    async def end(self, shown: UUID, version: int) -> None:
        """Its last state is shown."""
        await self._shelf.put(_ended(shown), str(version).encode())


def _ended(shown: UUID) -> str:
    return f"{shown}.ended"
