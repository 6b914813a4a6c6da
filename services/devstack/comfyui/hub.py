"""The sockets: who is connected, who gets what, and in what order it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from typing import Any

from aiohttp import ClientError, web

from .faults import Faults

PREVIEW_IMAGE = 1
PREVIEW_IMAGE_WITH_METADATA = 4
_JPEG = 1  # format number inside PREVIEW_IMAGE


class Hub:
    """
    Sockets by client id.

    Attributes:
        audience: client_id of the prompt that runs or ran last; None sends its events to everybody.
        current_node: Node that runs, told to its client when that reconnects.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._wires: set[asyncio.Transport] = set()  # all open ones, the deaf ones included
        self._flags: dict[str, dict[str, Any]] = {}
        self._outbox: asyncio.Queue[tuple[str | bytes, str | None]] = asyncio.Queue()
        self.audience: str | None = None
        self.current_node: str | None = None

    def join(self, sid: str, socket: web.WebSocketResponse, wire: asyncio.Transport | None) -> None:
        """Register *socket* on its connection *wire*; another one of the same id gets nothing more."""
        if wire is not None:
            self._wires.add(wire)
        self._sockets[sid] = socket
        self._flags[sid] = {}

    def leave(self, sid: str, wire: asyncio.Transport | None) -> None:
        """
        Forget the socket of *sid*, whichever that is by now.

        A reconnect's new socket goes deaf here when its old one closes late: a bug of the real server.
        """
        if wire is not None:
            self._wires.discard(wire)
        self._sockets.pop(sid, None)
        self._flags.pop(sid, None)

    def set_flags(self, sid: str, flags: dict[str, Any]) -> None:
        """Remember what a client can do. A client that was already forgotten is ignored."""
        if sid in self._flags:
            self._flags[sid] = flags

    def tell(self, event: str, data: dict[str, Any], sid: str | None = None) -> None:
        """Send an event to one client, or to everybody."""
        self._outbox.put_nowait((json.dumps({"type": event, "data": data}), sid))

    def to_audience(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to the running prompt's client, or to everybody if it named none."""
        self.tell(event, data, self.audience)

    def wants_metadata(self) -> bool:
        """True when the audience said it understands previews with metadata."""
        flags = self._flags.get(self.audience or "", {})
        return flags.get("supports_preview_metadata") is True

    def preview(self, jpeg: bytes) -> None:
        """Send a preview frame of the old form: event, format, picture."""
        self._outbox.put_nowait((struct.pack(">II", PREVIEW_IMAGE, _JPEG) + jpeg, self.audience))

    def preview_with_metadata(self, jpeg: bytes, metadata: dict[str, Any]) -> None:
        """Send a preview frame of the new form: event, length of the metadata, metadata, picture."""
        about = json.dumps(metadata | {"image_type": "image/jpeg"}).encode()
        head = struct.pack(">II", PREVIEW_IMAGE_WITH_METADATA, len(about))
        self._outbox.put_nowait((head + about + jpeg, self.audience))

    async def publish(self) -> None:
        """Deliver, one after the other, for ever: a client that does not read holds up everybody."""
        while True:
            message, sid = await self._outbox.get()
            if self._faults.silent:
                continue
            chosen = list(self._sockets.values()) if sid is None else [self._sockets.get(sid)]
            for socket in chosen:
                if socket is not None:
                    await _send(socket, message)

    def drop_all(self) -> None:
        """Cut every connection without a word, as a server that crashes does."""
        for wire in self._wires:
            wire.abort()


async def _send(socket: web.WebSocketResponse, message: str | bytes) -> None:
    with contextlib.suppress(ClientError, ConnectionError):  # gone: its handler will see to it
        if isinstance(message, str):
            await socket.send_str(message)
        else:
            await socket.send_bytes(message)
