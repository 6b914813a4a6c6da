"""Pictures fetched while the history is asked whether it names them: one round trip less at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath

from services.common.errors import ServiceError
from services.renderer.cleaning import cleaned_aside
from services.renderer.comfyui.download import MIB, Download
from services.renderer.comfyui.outputs import OutputFile
from services.renderer.comfyui.transport import Transport
from services.renderer.ending import end
from services.renderer.metadata import Clean

FILES_MAX = 4
FILE_BYTES_MAX = 8 * MIB
"""Anything larger takes so much longer than a round trip that it may as well be fetched as ever."""

_STILLS = frozenset({".png", ".jpg", ".jpeg", ".webp"})


class Ahead:
    """
    One attempt's.

    A socket told of these files, and what it tells is not the truth: a file is handed out only to whoever
    has its name from the history, and one that could not be had is as if nobody had tried.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._fetching: dict[OutputFile, asyncio.Task[Clean | None]] = {}

    def begin(self, files: Sequence[OutputFile]) -> None:
        """Fetch the pictures among the first of *files*, unless that was begun before."""
        for file in files[:FILES_MAX]:
            if PurePath(file.filename).suffix.lower() in _STILLS and file not in self._fetching:
                self._fetching[file] = asyncio.create_task(self._fetched(file))

    async def take(self, file: OutputFile) -> Clean | None:
        """The file, once, as soon as it is here; nothing when it was not begun with, or came to nothing."""
        fetching = self._fetching.get(file)
        if fetching is None:
            return None
        found = await fetching
        del self._fetching[file]
        return found

    async def close(self) -> None:
        """What nobody took is dropped, on its way or here."""
        await end(*self._fetching.values())
        self._fetching.clear()

    async def _fetched(self, file: OutputFile) -> Clean | None:
        try:
            return await cleaned_aside(await Download(self._transport, file, FILE_BYTES_MAX).whole())
        except ServiceError:
            return None
