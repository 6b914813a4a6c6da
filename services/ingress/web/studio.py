"""What is behind the page, once NATS was reached: the page itself is there before."""

from __future__ import annotations

from msgspec import Struct

from services.common.bus import Bus, BusDownError
from services.ingress.gallery import Gallery
from services.ingress.submission import Submitter


class Studio(Struct, frozen=True, kw_only=True):
    """What a request needs to be done."""

    bus: Bus
    gallery: Gallery
    submitter: Submitter


class Door:
    """The way to the studio; closed until NATS was reached for the first time."""

    def __init__(self) -> None:
        self._studio: Studio | None = None

    def open(self, studio: Studio) -> None:
        """The studio is there from now on, even if NATS goes away again."""
        self._studio = studio

    def enter(self) -> Studio:
        """The studio; raises ``BusDownError`` when NATS is not connected now."""
        if self._studio is None or not self._studio.bus.is_up:
            raise BusDownError("NATS is not connected")
        return self._studio

    async def close(self) -> None:
        """Send what is pending, and let NATS go."""
        if self._studio is not None:
            await self._studio.bus.close()
