"""Say one thing in the web chat, wait for its picture, save it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from aiohttp import ClientError
from msgspec import Struct

from services.cli.time_spent import time_spent
from services.cli.web_chat import ShownEntry, ShownProgress, WebChat, visiting
from services.common.errors import RejectedError, UnavailableError

_AGAIN_S = 0.5
_STEM = "darkroom"


class Watcher(Protocol):
    """Told what is under way, in short lines of which each replaces the one before."""

    def step(self, what: str) -> None:
        """It has come to another step."""
        ...

    def progress(self, what: str) -> None:
        """It is so far within a step."""
        ...


class NoPictureError(RejectedError):
    """It ended without a picture; the message is the chat's own sentence."""

    code = "no-picture"


class Saved(Struct, frozen=True, kw_only=True):
    """
    Pictures on the disk, and where the time went.

    Attributes:
        files: One for each picture, in order.
        size_bytes: Of all of them.
        seconds: By phase.
    """

    files: tuple[str, ...]
    size_bytes: int
    seconds: dict[str, float]


async def once(url: str, text: str, out: Path | None, *, startup_s: float, watcher: Watcher) -> Saved:
    """
    Say *text* at *url* and save what comes of it: the first picture to *out*, any more beside it.

    Without *out*, it is saved here as ``darkroom`` with the ending of what it is.

    Raises:
        RejectedError: There will be no picture; nothing was saved.
        UnavailableError: The chat can't be reached.
    """
    async with visiting(url) as chat:
        marks = [("sent", time.monotonic())]
        entry_id = await chat.say(text)
        entry = await _outcome(chat, entry_id, marks, watcher)
        if not entry.pictures:
            raise NoPictureError(entry.text or f"It ended as {entry.status}, without a picture.")
        pictures = [await chat.fetch(picture) for picture in entry.pictures]
    files = places(out, [Path(picture.file).suffix for picture in entry.pictures])
    for file, data in zip(files, pictures, strict=True):
        await asyncio.to_thread(file.write_bytes, data)
    spent = time_spent(marks, startup_s=startup_s, saved_at=time.monotonic())
    return Saved(files=tuple(map(str, files)), size_bytes=sum(map(len, pictures)), seconds=spent)


def places(out: Path | None, endings: list[str]) -> list[Path]:
    """Where files with these endings go: ``a.png``, ``a-2.png``, ``a-3.mp4``, …"""
    first = out or Path(f"{_STEM}{endings[0]}")
    more = [
        first.with_name(f"{first.stem}-{number}{first.suffix if ending == endings[0] else ending}")
        for number, ending in enumerate(endings[1:], start=2)
    ]
    return [first, *more]


async def _outcome(
    chat: WebChat, entry_id: str, marks: list[tuple[str, float]], watcher: Watcher
) -> ShownEntry:
    """The entry in its last state; what it goes through is put into *marks*."""
    async with aclosing(_following(chat)) as events:
        async for event in events:
            if event.id != entry_id:
                continue
            if isinstance(event, ShownProgress):
                watcher.progress(event.text or f"{event.percent or 0:.0f} %")
                continue
            if event.status != marks[-1][0]:
                marks.append((event.status, time.monotonic()))
            if event.status in ("done", "failed", "cancelled", "refused", "note"):
                return event
            watcher.step(event.text or event.status)
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
