"""The newest offer, for every event stream to tell its page of."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.ingress.offers import Offer, offers


class Offering:
    """
    What can be asked for.

    Attributes:
        offer: Nothing before the orchestrator has answered for the first time.
        changes: Grows with every change.
    """

    def __init__(self) -> None:
        self.offer: Offer | None = None
        self.changes = 0

    async def keep(self, bus: Bus, keyring: Keyring, stopping: asyncio.Event) -> None:
        """Keep it what it is, until *stopping*."""
        nobody = pseudonym(keyring.pseudonym, "session", "web", "offer")
        async with aclosing(offers(bus, nobody, stopping)) as changes:
            async for offer in changes:
                self.offer = offer
                self.changes += 1
