"""The sweep: on a timer, what Darkroom left here and nobody came back to purge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from services.common.errors import RetryableError
from services.common.run import until
from services.tunnel.host import naming
from services.tunnel.host.comfyui import Busy, OwnComfyUI
from services.tunnel.host.folders import Folders, Found, delete
from services.tunnel.host.purge import Purge
from services.tunnel.host.seen import Seen


class Sweep:
    """
    Deletes files named ``darkroom-…`` that are older than the retention and that nothing queued refers to,
    histories of prompts last asked for as long ago, and inputs that a purge had to keep.

    Args:
        comfyui: The ComfyUI.
        folders: Its folders, if they are known.
        purge: Knows the inputs that were kept.
        prompts: Prompts that were asked for through the guard.
        retention_s: How old is old.
        every_s: How often.
        wall: Seconds since 1970, by which files are dated.
        clock: The clock of *prompts*.
    """

    def __init__(
        self,
        comfyui: OwnComfyUI,
        folders: Folders | None,
        purge: Purge,
        prompts: Seen,
        *,
        retention_s: float,
        every_s: float,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._comfyui = comfyui
        self._folders = folders
        self._purge = purge
        self._prompts = prompts
        self._retention_s = retention_s
        self._every_s = every_s
        self._wall = wall
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep now and then until *stopping*. A ComfyUI that does not answer is asked the next time."""
        log = structlog.get_logger()
        while not stopping.is_set():
            try:
                files = await self.once()
            except RetryableError as exc:
                log.warning("not swept", code=exc.code)
            else:
                if files:
                    log.info("swept", files=files)
            await until(stopping, self._every_s)

    async def once(self) -> int:
        """Sweep; returns how many files are gone. Raises ``BackendError``: nothing was deleted."""
        busy = await self._comfyui.busy()
        gone = await self._purge.kept(busy)
        abandoned: set[str] = {
            prompt
            for prompt in self._prompts.older(self._clock(), self._retention_s)
            if prompt not in busy.prompts
        }
        if self._folders is not None:
            before = self._wall() - self._retention_s

            def is_left(found: Found) -> bool:
                return found.changed_at < before and self._is_abandoned(found.name, busy)

            for folder in (self._folders.output, self._folders.temp, self._folders.input):
                files = await asyncio.to_thread(delete, folder, _is_ours, is_left)
                gone += len(files)
                abandoned |= {prompt for file in files if (prompt := naming.prompt_of(file.name))}
        await self._forget(abandoned)
        return gone

    def _is_abandoned(self, name: str, busy: Busy) -> bool:
        if digest := naming.digest_of(name):
            return self._purge.may_go(digest, busy)
        prompt = naming.prompt_of(name)
        return prompt is not None and prompt not in busy.prompts

    async def _forget(self, prompts: set[str]) -> None:
        if not prompts:
            return
        await self._comfyui.forget(sorted(prompts))
        for prompt in prompts:
            self._prompts.drop(prompt)


def _is_ours(name: str) -> bool:
    return naming.digest_of(name) is not None or naming.prompt_of(name) is not None
