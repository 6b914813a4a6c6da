"""Someone who talks to Darkroom's page, and notes when what comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress

from aiohttp import ClientError
from msgspec import Struct

from services.cli.web_chat import ShownEntry, ShownProgress, WebChat, visiting
from services.common.errors import RejectedError, UnavailableError

_ENDED = frozenset({"done", "failed", "cancelled", "refused", "note"})


class NoPictureError(RejectedError):
    """It ended without a picture; the message is the chat's own sentence."""

    code = "no-picture"


class Shown(Struct, frozen=True, kw_only=True):
    """An entry in its last state, and when the page had it, in seconds of ``time.perf_counter``."""

    entry: ShownEntry
    at_s: float


class Person:
    """
    One session of the web chat. Made by ``person``.

    Attributes:
        following: Reads what the page is told, for as long as the line holds.
    """

    def __init__(self, chat: WebChat) -> None:
        self._chat = chat
        self._ended: dict[str, asyncio.Future[Shown]] = {}
        self.following = asyncio.create_task(self._follow())

    async def say(self, text: str, pictures: Sequence[bytes] = ()) -> str:
        """Say something; returns the id of what will be shown. Raises ``ChatRefusedError``."""
        return await self._chat.say(text, pictures)

    async def picture(self, entry_id: str, timeout_s: float) -> Shown:
        """
        Wait until an entry has ended.

        Raises:
            NoPictureError: It ended otherwise than with a picture.
            UnavailableError: It did not end in time, or the line broke.
        """
        ended = self._end_of(entry_id)
        await asyncio.wait({ended, self.following}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            raise UnavailableError(f"No picture after {timeout_s:g} s, or the page lost its line.")
        shown = ended.result()
        if not shown.entry.pictures:
            raise NoPictureError(shown.entry.text or f"It ended as {shown.entry.status}, without a picture.")
        return shown

    async def fetch(self, shown: Shown) -> bytes:
        """The bytes of the first picture."""
        return await self._chat.fetch(shown.entry.pictures[0])

    async def _follow(self) -> None:
        async with aclosing(self._chat.events()) as events:
            async for event in events:
                at_s = time.perf_counter()
                if isinstance(event, ShownProgress) or event.status not in _ENDED:
                    continue
                ended = self._end_of(event.id)
                if not ended.done():
                    ended.set_result(Shown(entry=event, at_s=at_s))

    def _end_of(self, entry_id: str) -> asyncio.Future[Shown]:
        return self._ended.setdefault(entry_id, asyncio.get_running_loop().create_future())


@asynccontextmanager
async def person(url: str) -> AsyncGenerator[Person]:
    """
    A new visitor of the page at *url*, who keeps its event stream open.

    Raises:
        UnavailableError: It does not answer, then or later inside the block.
    """
    async with visiting(url) as chat:
        one = Person(chat)
        try:
            yield one
        finally:
            one.following.cancel()
            with suppress(asyncio.CancelledError, UnavailableError, ClientError, TimeoutError):
                await one.following
