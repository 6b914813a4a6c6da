"""Where the channel notes what every one of its processes has to find, also after a restart."""

from __future__ import annotations

from contextlib import suppress

from nats.js.errors import KeyNotFoundError
from nats.js.kv import KeyValue

from schemas import subjects
from services.common.bus import BUS_ERRORS, Bus, BusDownError


class Shelf:
    """
    The bucket, of which every method raises ``BusDownError`` when it can't be had.

    What is written is kept for some days; keys are made of tokens with dots between them.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._bucket: KeyValue | None = None

    async def get(self, key: str) -> bytes | None:
        """What lies there, if there is anything."""
        try:
            return (await (await self._open()).get(key)).value
        except KeyNotFoundError:
            return None
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc

    async def put(self, key: str, value: bytes) -> None:
        """Lay it there, in the place of what was."""
        try:
            await (await self._open()).put(key, value)
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc

    async def delete(self, key: str) -> None:
        """Take it away; that there is nothing is fine."""
        try:
            await (await self._open()).delete(key)
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc

    async def below(self, prefix: str) -> dict[str, bytes]:
        """Everything whose key begins with those tokens and has more of them."""
        found: dict[str, bytes] = {}
        try:
            watcher = await (await self._open()).watch(f"{prefix}.>", ignore_deletes=True)
            try:
                # The first that is no entry says that there are no more.
                while isinstance(entry := await watcher.updates(), KeyValue.Entry):
                    found[entry.key] = entry.value or b""
            finally:
                with suppress(*BUS_ERRORS):
                    await watcher.stop()
        except BUS_ERRORS as exc:
            raise self._down(exc) from exc
        return found

    async def _open(self) -> KeyValue:
        if not self._bus.is_up:
            raise BusDownError("NATS is not connected")
        if self._bucket is None:
            self._bucket = await self._bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        return self._bucket

    def _down(self, exc: Exception) -> BusDownError:
        # It may have been deleted and declared anew.
        self._bucket = None
        return BusDownError(f"no bucket: {type(exc).__name__}")
