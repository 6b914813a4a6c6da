"""/queue, /history, /interrupt and /free."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.engine.types import public


class QueueRoutes:
    """Looking at and changing what waits, runs and has run. Nothing here says whether it did anything."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [
            web.get("/queue", self._queue),
            web.post("/queue", self._change_queue),
            web.get("/history", self._history),
            web.get("/history/{prompt_id}", self._one),
            web.post("/history", self._change_history),
            web.post("/interrupt", self._interrupt),
            web.post("/free", self._free),
        ]

    async def _queue(self, _: web.Request) -> web.Response:
        queue = self._core.queue
        return web.json_response(
            {
                "queue_running": [public(item) for item in queue.running()],
                "queue_pending": [public(item) for item in queue.pending()],
            }
        )

    async def _change_queue(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        if body.get("clear"):
            self._core.queue.clear()
        for prompt_id in body.get("delete", ()):
            self._core.queue.delete(prompt_id)
        return web.Response()

    async def _history(self, request: web.Request) -> web.Response:
        query = request.query
        max_items = int(query["max_items"]) if "max_items" in query else None
        offset = int(query.get("offset", -1))
        return web.json_response(self._core.history.window(max_items, offset))

    async def _one(self, request: web.Request) -> web.Response:
        return web.json_response(self._core.history.one(request.match_info["prompt_id"]))

    async def _change_history(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        if body.get("clear"):
            self._core.history.clear()
        for prompt_id in body.get("delete", ()):
            self._core.history.delete(prompt_id)
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        try:
            body: Any = await request.json()
        except json.JSONDecodeError:
            body = {}  # the body is optional
        wanted = body.get("prompt_id")
        if not wanted or any(item[1] == wanted for item in self._core.queue.running()):
            self._core.interruption.ask()
        return web.Response()

    async def _free(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        for flag in ("unload_models", "free_memory"):
            if body.get(flag, False):
                self._core.queue.set_flag(flag, bool(body[flag]))
        return web.Response()
