"""
Which message shows an entry, kept where every process of the channel finds it after a restart.

Written right after a message was sent, since sending it again would show it twice. That its last state
is shown is kept as well: an older state that comes late must not be put over it.
"""

from __future__ import annotations

from uuid import UUID

from nats.js.errors import KeyNotFoundError
from nats.js.kv import KeyValue

from schemas import subjects
from schemas.private import MessageAddress
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.keys import Keyring
from services.common.seal import seal_struct, unseal_struct


class Places:
    """Addresses by the id of what is shown: an entry, one more picture, a hint. Raises ``BusDownError``."""

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self._bus = bus
        self._key = keyring.transport
        self._bucket: KeyValue | None = None

    async def find(self, shown: UUID) -> MessageAddress | None:
        """The message that shows it, if there is one."""
        box = await self._get(str(shown))
        return None if box is None else unseal_struct(self._key, box, shown, MessageAddress)

    async def put(self, shown: UUID, where: MessageAddress) -> None:
        """From now on that message shows it."""
        await self._put(str(shown), seal_struct(self._key, where, shown))

    async def ended_at(self, shown: UUID) -> int:
        """The version in which its last state was shown, -1 when it was not yet."""
        value = await self._get(_ended(shown))
        return -1 if value is None else int(value)

    async def end(self, shown: UUID, version: int) -> None:
        """Its last state is shown."""
        await self._put(_ended(shown), str(version).encode())

    async def _get(self, key: str) -> bytes | None:
        try:
            return (await (await self._open()).get(key)).value
        except KeyNotFoundError:
            return None
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc

    async def _put(self, key: str, value: bytes) -> None:
        try:
            await (await self._open()).put(key, value)
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc

    async def _open(self) -> KeyValue:
        if not self._bus.is_up:
            raise BusDownError("NATS is not connected")
        if self._bucket is None:
            self._bucket = await self._bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        return self._bucket

    def _down(self, exc: Exception) -> BusDownError:
        # It may have been deleted and declared anew.
        self._bucket = None
        return exc if isinstance(exc, BusDownError) else BusDownError(f"no places: {type(exc).__name__}")


def _ended(shown: UUID) -> str:
    return f"{shown}.ended"
