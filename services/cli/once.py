"""Say one thing in the web chat, wait for its picture, save it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from aiohttp import ClientError
from msgspec import Struct

from services.cli.time_spent import time_spent
from services.cli.web_chat import ShownEntry, ShownProgress, WebChat, visiting
from services.common.errors import RejectedError, UnavailableError

_AGAIN_S = 0.5

Show = Callable[[str], None]
"""Shown while it is under way: one short line, replaced by the next."""


class NoPictureError(RejectedError):
    """It ended without a picture; the message is the chat's own sentence."""

    code = "no-picture"


class Saved(Struct, frozen=True, kw_only=True):
    """A picture on the disk, and where the time went."""

    file: str
    size_bytes: int
    seconds: dict[str, float]


async def once(url: str, text: str, out: Path, *, startup_s: float, show: Show) -> Saved:
    """
    Say *text* at *url* and save the first picture that comes of it to *out*.

    Raises:
        RejectedError: There will be no picture; nothing was saved.
        UnavailableError: The chat can't be reached.
    """
    async with visiting(url) as chat:
        marks = [("sent", time.monotonic())]
        entry_id = await chat.say(text)
        entry = await _outcome(chat, entry_id, marks, show)
        if not entry.pictures:
            raise NoPictureError(entry.text or f"It ended as {entry.status}, without a picture.")
        data = await chat.fetch(entry.pictures[0])
    await asyncio.to_thread(out.write_bytes, data)
    spent = time_spent(marks, startup_s=startup_s, saved_at=time.monotonic())
    return Saved(file=str(out), size_bytes=len(data), seconds=spent)


async def _outcome(chat: WebChat, entry_id: str, marks: list[tuple[str, float]], show: Show) -> ShownEntry:
    """The entry in its last state; what it goes through is put into *marks*."""
    async with aclosing(_following(chat)) as events:
        async for event in events:
            if event.id != entry_id:
                continue
            if isinstance(event, ShownProgress):
                show(event.text or f"{event.percent or 0:.0f} %")
                continue
            if event.status != marks[-1][0]:
                marks.append((event.status, time.monotonic()))
            if event.status in ("done", "failed", "cancelled", "refused", "note"):
                return event
            show(event.text or event.status)
    raise UnavailableError("The chat said nothing more.")


async def _following(chat: WebChat) -> AsyncGenerator[ShownEntry | ShownProgress]:
    """The session's events, over as many lines as it takes."""
    while True:
        try:
            async with aclosing(chat.events()) as events:
                async for event in events:
                    yield event
        except (ClientError, TimeoutError, UnavailableError):
            await asyncio.sleep(_AGAIN_S)
