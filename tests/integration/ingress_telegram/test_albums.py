"""Albums: parts that come one by one, to whichever process, are put where each of them finds all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from schemas.private import Address
from services.common import bus as bus_module
from services.common import streams
from services.common.bus import BusDownError
from services.common.keys import Keyring
from services.ingress.telegram.albums import Albums
from services.ingress.telegram.incoming import FileSent, Incoming
from services.ingress.telegram.shelf import Shelf
from tests.servers import NatsServer, eventually

PART = Incoming(
    update_id=1,
    chat=Address(chat_id=7),
    is_private=True,
    message_id=3,
    person_id=7,
    text="/qwen marzipan",
    files=(FileSent(file_id="f", size_bytes=9, sort="picture"),),
    album="a",
)


def part(update_id: int, album: str = "a") -> Incoming:
    """One message of an album."""
    return replace(PART, update_id=update_id, album=album)


@pytest.fixture
async def shelf(nats: NatsServer) -> AsyncGenerator[Shelf]:
    """The bucket, with the rights of the channel."""
    declarer = await bus_module.connect(nats.urls["orchestrator"], "orchestrator")
    await streams.declare(declarer, replicas=1)
    await declarer.close()
    bus = await bus_module.connect(nats.urls["ingress-telegram"], "ingress-telegram")
    yield Shelf(bus)
    await bus.close()


@pytest.fixture
def albums(shelf: Shelf, keyring: Keyring) -> Albums:
    """One process's view of them."""
    return Albums(shelf, keyring, quiet_s=0.2)


async def test_what_is_kept_comes_back_whole(albums: Albums) -> None:
    """With words, files and all; put twice, it is there once."""
    await albums.put(PART)
    await albums.put(PART)

    assert (PART,) == await albums.left()


async def test_late_parts_still_belong_to_it(albums: Albums, shelf: Shelf, keyring: Keyring) -> None:
    """Each new one is waited for anew, another process's too, and what is collected is in order."""
    elsewhere = Albums(shelf, keyring)
    await albums.put(part(2))
    await albums.put(part(9, "b"))

    async def come_late() -> None:
        for update_id in (3, 1):
            await asyncio.sleep(0.1)
            await elsewhere.put(part(update_id))

    coming = asyncio.create_task(come_late())
    collected = await albums.collected(albums.album_of(PART))
    await coming

    assert [1, 2, 3] == [one.update_id for one in collected]


async def test_what_was_taken_is_gone(albums: Albums) -> None:
    """Only that: a straggler, and another album, stay."""
    await albums.put(PART)
    await albums.put(part(9, "b"))
    await albums.put(part(2))
    await albums.drop((PART,))

    assert [2, 9] == [one.update_id for one in await albums.left()]
    assert [2] == [one.update_id for one in await albums.collected(albums.album_of(PART))]


async def test_words_are_sealed(albums: Albums, shelf: Shelf) -> None:
    """Neither key nor value in the bucket shows a word, or who and where."""
    await albums.put(PART)
    (found,) = (await shelf.below("album")).items()

    assert b"marzipan" not in found[1]
    assert b"chat_id" not in found[1]


async def test_a_damaged_part_costs_no_other(albums: Albums, shelf: Shelf) -> None:
    """What does not open is passed over."""
    await albums.put(PART)
    await albums.put(part(2))
    await shelf.put(f"album.{albums.album_of(PART)}.1", b"\x01nonsense")

    assert [2] == [one.update_id for one in await albums.left()]


async def test_without_nats_it_says_so(albums: Albums, shelf: Shelf, nats: NatsServer) -> None:
    """A part that could not be kept, or looked for, is not mistaken for none; afterwards all is as before."""
    await albums.put(PART)
    await nats.stop()
    for ask in (albums.left, lambda: albums.put(PART), lambda: albums.drop((PART,))):
        with pytest.raises(BusDownError):
            await ask()
    await nats.start()

    async def found() -> tuple[Incoming, ...]:
        try:
            return await albums.left()
        except BusDownError:
            return ()

    assert (PART,) == await eventually(found)
