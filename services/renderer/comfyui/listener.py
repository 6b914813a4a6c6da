"""A WebSocket to ComfyUI: progress, and a hint that it is time to look. Never the truth: it may be deaf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, cast
from uuid import UUID, uuid4

import aiohttp
import msgspec

from services.common.run import until
from services.renderer.comfyui import python_json
from services.renderer.comfyui.answers import Outputs
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.comfyui.preview import FRAME_BYTES_MAX, frame
from services.renderer.comfyui.transport import Transport
from services.renderer.ending import end

_OPENING_S = 5.0
_PAUSE_S = 1.0
_STARTED = "execution_start"
_ENDED = frozenset({"execution_success", "execution_error", "execution_interrupted"})
_ABILITIES = msgspec.json.encode({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
"""Has to be the first thing said: previews then tell whose they are."""


class Audience(Protocol):
    """Told what is heard of the prompt, in order."""

    async def hear(self, event: str, data: dict[str, Any]) -> None:
        """An event."""
        ...

    def show(self, picture: bytes) -> None:
        """A preview frame, JPEG or PNG by its first bytes."""
        ...


class Listener:
    """
    Listens for one prompt, on one connection after the other.

    Attributes:
        signs: Events of the prompt so far.
        is_running: It has begun to run, and its end was not heard.
        is_counting: A node of it is between its first step and its last, and the next will be heard: the
            connection is the one that it was submitted with.
        saved: What its output nodes were told to have made, by node, as the history will show it.
        succeeded: It was told to have run to its end.
    """

    def __init__(self, transport: Transport, prompt_id: UUID, audience: Audience) -> None:
        self.signs = 0
        self.is_running = False
        self.is_counting = False
        self.saved: Outputs = {}
        self.succeeded = False
        self._transport = transport
        self._prompt_id = str(prompt_id)
        self._audience = audience
        # Fresh for each connection: ComfyUI forgets the new socket of an id when the old one goes at last.
        self._client_id = uuid4().hex
        self._submitted_as = ""
        self._tried = asyncio.Event()
        self._turned = asyncio.Event()
        self._stirred = asyncio.Event()
        self._live = False

    @property
    def is_live(self) -> bool:
        """Whether a connection is open, as far as this side can tell."""
        return self._live

    @property
    def is_told(self) -> bool:
        """
        Whether the prompt's events come here.

        After a lost connection they do no more, but ``status``, which everybody gets, says when to look.
        """
        return self._live and self._submitted_as == self._client_id

    def client_id(self) -> str:
        """To submit with, so that the prompt's events come here."""
        self._submitted_as = self._client_id
        return self._client_id

    async def opened(self) -> None:
        """Wait until the first connection is open or has failed, or takes too long."""
        await until(self._tried, _OPENING_S)

    async def woken(self, soonest_s: float, latest_s: float) -> bool:
        """
        Wait until there is a reason to look.

        Returns:
            True as soon as the prompt began or ended; false when something stirred in the queue, but not
            before *soonest_s*, and in any case after *latest_s*.
        """
        if not await until(self._turned, soonest_s):
            await until(self._stirred, latest_s - soonest_s)
        turned = self._turned.is_set()
        self._turned.clear()
        self._stirred.clear()
        return turned

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            with suppress(*TROUBLE):
                async with self._transport.socket("/ws", {"clientId": self._client_id}) as socket:
                    await socket.send_str(_ABILITIES.decode())
                    self._live = True
                    self._tried.set()
                    await self._read(socket)
            if self._live:
                self._live = self.is_running = self.is_counting = False
                self._client_id = uuid4().hex
                self._stirred.set()
            self._tried.set()
            await asyncio.sleep(_PAUSE_S)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self._look_at(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                event, data = _decoded(message.data)
                if event == "status":
                    self._stirred.set()
                elif data.get("prompt_id") == self._prompt_id:
                    # Events of prompts without a client id go to every socket, so the id has to be looked at.
                    self._note(event, data)
                    await self._audience.hear(event, data)

    def _note(self, event: str, data: dict[str, Any]) -> None:
        self.signs += 1
        has_ended = event in _ENDED or (event == "executing" and data.get("node") is None)
        if has_ended or event == _STARTED:
            self.is_running = not has_ended
            self._turned.set()
            self._stirred.set()
        if event == "executed" and isinstance(data.get("output"), dict):
            self.saved[str(data.get("node"))] = cast("dict[str, Any]", data["output"])
        self.succeeded = self.succeeded or event == "execution_success"
        step, steps = data.get("value"), data.get("max")
        if event == "progress" and isinstance(step, int | float) and isinstance(steps, int | float):
            self.is_counting = 0 < step < steps
        elif event != "progress_state":
            self.is_counting = False

    def _look_at(self, message: bytes) -> None:
        # Where a frame does not tell whose it is, it is of what runs: one prompt at a time.
        if self.is_running and len(message) <= FRAME_BYTES_MAX:
            seen = frame(message)
            if seen is not None and seen.prompt_id in {"", self._prompt_id}:
                self._audience.show(seen.picture)


def _decoded(text: str) -> tuple[str, dict[str, Any]]:
    """Type and data of a message; empty when it is none."""
    try:
        message = python_json.decode(text, dict[str, Any])
    except msgspec.MsgspecError:
        return "", {}
    event, data = message.get("type"), message.get("data")
    if not isinstance(event, str) or not isinstance(data, dict):
        return "", {}
    return event, cast("dict[str, Any]", data)


@asynccontextmanager
async def listening(transport: Transport, prompt_id: UUID, audience: Audience) -> AsyncGenerator[Listener]:
    """A listener that listens while the block runs; it connects meanwhile, without being waited for."""
    listener = Listener(transport, prompt_id, audience)
    task = asyncio.create_task(listener.listen())
    try:
        yield listener
    finally:
        await end(task)
