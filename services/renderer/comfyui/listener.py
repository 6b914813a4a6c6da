"""A WebSocket to ComfyUI: progress, and a hint that it is time to look. Never the truth: it may be deaf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from uuid import UUID, uuid4

import aiohttp
import msgspec

from services.renderer.comfyui.patience import TROUBLE
from services.renderer.comfyui.transport import Transport

Hear = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Called with each event of the prompt, in order."""

_OPENING_S = 5.0
_PAUSE_S = 1.0
# After these the prompt stands elsewhere than before.
_TURNING = frozenset({"execution_start", "execution_success", "execution_error", "execution_interrupted"})


class Listener:
    """
    Listens for one prompt, on one connection after the other.

    Attributes:
        client_id: To submit with. Fresh for each connection: ComfyUI forgets the new socket of an id
            when the old one goes at last. So after a lost connection no progress comes any more, but
            ``status``, which everybody gets, still says when to look.
        signs: Events of the prompt so far.
    """

    def __init__(self, transport: Transport, prompt_id: UUID, hear: Hear) -> None:
        self.client_id = uuid4().hex
        self.signs = 0
        self._transport = transport
        self._prompt_id = str(prompt_id)
        self._hear = hear
        self._tried = asyncio.Event()
        self._woken = asyncio.Event()
        self._turned = False
        self._live = False

    @property
    def is_live(self) -> bool:
        """Whether a connection is open, as far as this side can tell."""
        return self._live

    async def opened(self) -> None:
        """Wait until the first connection is open or has failed, or takes too long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), _OPENING_S)

    async def woken(self, at_most_s: float) -> bool:
        """Wait until there is a reason to look, at most so long; true when it is the prompt's own event."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), at_most_s)
        turned, self._turned = self._turned, False
        self._woken.clear()
        return turned

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            with suppress(*TROUBLE):
                async with self._transport.socket("/ws", {"clientId": self.client_id}) as socket:
                    self._live = True
                    self._tried.set()
                    await self._read(socket)
            if self._live:
                self._live = False
                self.client_id = uuid4().hex
                self._woken.set()
            self._tried.set()
            await asyncio.sleep(_PAUSE_S)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue  # previews
            event, data = _decoded(message.data)
            if event == "status":
                self._woken.set()
            elif data.get("prompt_id") == self._prompt_id:
                # Events of prompts without a client id go to every socket, so the id has to be looked at.
                self.signs += 1
                if event in _TURNING or (event == "executing" and data.get("node") is None):
                    self._turned = True
                    self._woken.set()
                await self._hear(event, data)


def _decoded(text: str) -> tuple[str, dict[str, Any]]:
    """Type and data of a message; empty when it is none."""
    try:
        message = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return "", {}
    event, data = message.get("type"), message.get("data")
    if not isinstance(event, str) or not isinstance(data, dict):
        return "", {}
    return event, cast("dict[str, Any]", data)


@asynccontextmanager
async def listening(transport: Transport, prompt_id: UUID, hear: Hear) -> AsyncGenerator[Listener]:
    """A listener that listens while the block runs; it connects meanwhile, without being waited for."""
    listener = Listener(transport, prompt_id, hear)
    task = asyncio.create_task(listener.listen())
    try:
        yield listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
