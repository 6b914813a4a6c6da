"""The messages of an album come one by one, and not always in one batch."""

from __future__ import annotations

import asyncio

from schemas.private import Address
from services.ingress.telegram.albums import Albums
from services.ingress.telegram.incoming import Incoming


def part(update_id: int, album: str = "a") -> Incoming:
    """One message of an album."""
    return Incoming(
        update_id=update_id, chat=Address(chat_id=1), is_private=True, message_id=1, person_id=1, album=album
    )


async def test_late_parts_still_belong_to_it() -> None:
    """Each new one is waited for anew, and what is collected is in order."""
    albums = Albums(quiet_s=0.2)
    loop = asyncio.get_running_loop()

    assert albums.add(part(2))
    assert albums.add(part(9, "b"))

    loop.call_later(0.1, albums.add, part(3))
    loop.call_later(0.3, albums.add, part(1))
    collected = await albums.collected("a")

    assert [1, 2, 3] == [one.update_id for one in collected]


async def test_a_straggler_begins_anew() -> None:
    """What comes after the album was taken is a request of its own."""
    albums = Albums(quiet_s=0)
    albums.add(part(1))
    await albums.collected("a")

    assert albums.add(part(2))
