"""GET /ws."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from services.devstack.comfyui.core import Core

from .facts import features

log = logging.getLogger(__name__)


class SocketRoutes:
    """Events to clients. The server never pings, so a dead connection stays until TCP finds out."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [web.get("/ws", self._socket)]

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        try:
            await socket.prepare(request)
        except ConnectionError:
            log.info("a client left before it was answered")
            return socket
        sid = request.query.get("clientId") or uuid.uuid4().hex
        hub = self._core.hub
        wire = request.transport
        hub.join(sid, socket, wire)
        try:
            if not self._core.faults.silent:
                await self._greet(socket, sid)
            await self._listen(socket, sid)
        except ConnectionError:
            log.info("client %s left while it was being greeted", sid)
        finally:
            hub.leave(sid, wire)
        return socket

    async def _greet(self, socket: web.WebSocketResponse, sid: str) -> None:
        """Say the queue's length, and where this client's prompt is if that runs; nothing is repeated."""
        hub = self._core.hub
        await socket.send_json({"type": "status", "data": {"status": self._core.status(), "sid": sid}})
        if hub.audience == sid and hub.current_node is not None:
            await socket.send_json({"type": "executing", "data": {"node": hub.current_node}})

    async def _listen(self, socket: web.WebSocketResponse, sid: str) -> None:
        """Take the client's abilities from its first message; read and ignore everything else."""
        first = True
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                data: Any = json.loads(message.data)
                if first and data.get("type") == "feature_flags":
                    self._core.hub.set_flags(sid, data.get("data", {}))
                    self._core.hub.tell("feature_flags", features(self._core), sid)
                first = False
            except (AttributeError, ValueError):
                log.warning("client %s sent what is no message", sid)
