"""Where updates are handled, however they came: in order within a chat, side by side across chats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from telegram import Update

from services.common.bus import BusDownError
from services.ingress.telegram.albums import Albums
from services.ingress.telegram.incoming import Incoming, read_update
from services.ingress.telegram.keeping import Keeping
from services.ingress.telegram.lanes import Lanes

_AGAIN_S = 1.0
_DRAIN_S = 5.0

Take = Callable[[tuple[Incoming, ...]], Awaitable[None]]
"""Handles a message, or all messages of an album; when it returns they are kept, or need not be."""


class Desk:
    """Handles updates while it is open."""

    def __init__(self, take: Take, albums: Albums, keeping: Keeping, bot_id: int) -> None:
        self._take = take
        self._albums = albums
        self._keeping = keeping
        self._bot_id = bot_id
        self._lanes = Lanes()
        self._gathering: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    @property
    def is_open(self) -> bool:
        """Whether updates can be given to it."""
        return self._group is not None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """
        Handle what comes while the block runs, and first what an earlier process left.

        What is in hand then is finished if that is soon done, and else broken off.
        """
        async with asyncio.TaskGroup() as group:
            self._group = group
            resuming = group.create_task(self._resume())
            try:
                yield
            finally:
                self._group = None
            resuming.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_DRAIN_S)
            for task in self._tasks:
                task.cancel()

    def begin(self, update: Update) -> asyncio.Task[None] | None:
        """
        Begin to handle an update; the desk has to be open.

        Returns:
            A task that is done, and not cancelled, once the update may be let go;
            nothing for what this channel passes over.
        """
        heard = read_update(update, self._bot_id)
        if heard is None:
            return None
        if heard.album:
            return self._begin_part(heard)
        return self._start(self._take_in_turn(heard))

    def _begin_part(self, part: Incoming) -> asyncio.Task[None]:
        # In a group an album may be nobody's business of ours, which its first part does not tell.
        keep = self._keeping.until_kept(lambda: self._albums.put(part), part, quietly=not part.is_private)
        keeping = self._start(keep)
        # Its turn in the chat is that of its first part, although it is taken last.
        self._gather(part, keeping)
        return keeping

    def _gather(self, part: Incoming, keeping: asyncio.Task[None] | None = None) -> None:
        album = self._albums.album_of(part)
        if album not in self._gathering:
            self._gathering.add(album)
            self._start(self._take_album(part.chat.chat_id, album, keeping))

    async def _take_in_turn(self, heard: Incoming) -> None:
        async with self._lanes.turn(heard.chat.chat_id):
            await self._take((heard,))

    async def _take_album(self, chat_id: int, album: UUID, keeping: asyncio.Task[None] | None) -> None:
        async with self._lanes.turn(chat_id):
            if keeping is not None:
                await asyncio.wait({keeping})
            parts = await _patiently(lambda: self._albums.collected(album))
            # A part that comes from now on, too late, is an album of its own.
            self._gathering.discard(album)
            if parts:
                await self._take(parts)
                try:
                    await self._albums.drop(parts)
                except BusDownError as exc:
                    # Another process will take it again, which asks for nothing and says nothing twice.
                    structlog.get_logger().warning("album stays", code=exc.code)

    async def _resume(self) -> None:
        """Take the albums that an earlier process had let go of when it died."""
        for part in await _patiently(self._albums.left):
            if self._group is not None:
                self._gather(part)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._group is None:
            raise RuntimeError("the desk is not open")
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _patiently(ask: Callable[[], Awaitable[tuple[Incoming, ...]]]) -> tuple[Incoming, ...]:
    while True:
        try:
            return await ask()
        except BusDownError:
            await asyncio.sleep(_AGAIN_S)
