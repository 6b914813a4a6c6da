"""
The purge of one prompt: its files, its inputs, its entry in the history.

ComfyUI has no way to delete files, so that is done in its folders, on the machine where they are. An
input is named by its content and may serve later jobs of its chain: one that something queued refers to,
or that was sent or asked for a moment ago, is kept for now and deleted by the sweep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from functools import partial

from msgspec import Struct

from services.tunnel.bodies import PurgeBody
from services.tunnel.errors import PromptBusyError
from services.tunnel.host import naming
from services.tunnel.host.comfyui import Busy, OwnComfyUI
from services.tunnel.host.folders import Folders, Found, delete
from services.tunnel.host.naming import Made
from services.tunnel.host.seen import Seen

_CLOCK_SLACK_S = 2.0  # file systems keep times more coarsely than ComfyUI does


class Purged(Struct, frozen=True, kw_only=True):
    """
    What is gone now.

    Attributes:
        files: How many outputs and temporary files.
        inputs: How many inputs.
        history: Whether there was an entry, which is gone.
        kept: How many inputs are kept for now.
    """

    files: int
    inputs: int
    history: bool
    kept: int


class Purge:
    """
    Deletes what prompts left.

    Args:
        comfyui: The ComfyUI.
        folders: Its folders; ``None`` when nobody said where they are: then only histories are purged.
        inputs: Inputs that were sent or asked for.
        grace_s: For how long one of these is kept.
        clock: The clock of *inputs*.
    """

    def __init__(
        self,
        comfyui: OwnComfyUI,
        folders: Folders | None,
        inputs: Seen,
        *,
        grace_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._comfyui = comfyui
        self._folders = folders
        self._inputs = inputs
        self._grace_s = grace_s
        self._clock = clock
        self._kept: set[str] = set()

    @property
    def has_folders(self) -> bool:
        """Whether files are purged."""
        return self._folders is not None

    async def prompt(self, asked: PurgeBody) -> Purged:
        """
        Purge one prompt. Doing it again does no more; the history goes last, so that half a purge can be
        begun anew.

        Raises:
            PromptBusyError: It runs or waits: nothing was deleted.
            BackendError: ComfyUI did not answer; what is deleted by then stays deleted.
        """
        busy = await self._comfyui.busy()
        if asked.prompt_id in busy.prompts:
            raise PromptBusyError("This prompt runs or waits: stop it first.")
        entry = await self._comfyui.history(asked.prompt_id)
        files = await self._made(asked.prompt_id, entry)
        inputs, kept = await self._used(asked.inputs, busy)
        if entry is not None:
            await self._comfyui.forget([asked.prompt_id])
        return Purged(files=files, inputs=inputs, history=entry is not None, kept=kept)

    async def kept(self, busy: Busy) -> int:
        """Delete the inputs that were kept and need not be any more; returns how many."""
        gone, _ = await self._used(tuple(self._kept), busy)
        return gone

    def may_go(self, digest: str, busy: Busy) -> bool:
        """Whether nobody seems to need the input with that content."""
        return digest not in busy.digests and not self._inputs.within(digest, self._clock(), self._grace_s)

    async def _made(self, prompt_id: str, entry: object) -> int:
        if self._folders is None:
            return 0
        named, began = naming.made_in_history(entry), naming.began_at(entry)
        names = {made.filename for made in named}

        def may_be(name: str) -> bool:
            return name in names or naming.prompt_of(name) == prompt_id

        gone = 0
        for kind, folder in (("output", self._folders.output), ("temp", self._folders.temp)):
            chosen = partial(_is_made, prompt_id=prompt_id, kind=kind, named=named, began=began)
            gone += len(await asyncio.to_thread(delete, folder, may_be, chosen))
        return gone

    async def _used(self, names: Collection[str], busy: Busy) -> tuple[int, int]:
        if self._folders is None:
            return 0, 0
        digests = {name: naming.digest_of(name) for name in names}
        going = {name for name, digest in digests.items() if digest and self.may_go(digest, busy)}
        gone = len(await asyncio.to_thread(delete, self._folders.input, going.__contains__)) if going else 0
        self._kept |= digests.keys() - going
        self._kept -= going
        return gone, len(digests) - len(going)


def _is_made(found: Found, *, prompt_id: str, kind: str, named: frozenset[Made], began: float | None) -> bool:
    if naming.prompt_of(found.name) == prompt_id:
        return True
    if Made(type=kind, subfolder=found.subfolder, filename=found.name) not in named:
        return False
    # A history may name a file that was there before, as a cached result or for a preview: it stays.
    return began is not None and found.changed_at >= began - _CLOCK_SLACK_S
