"""/_simulator/*: faults and counters for tests in another process. Present only when asked for."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.faults import Faults


class FaultRoutes:
    """No part of ComfyUI."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [
            web.get("/_simulator/faults", self._show),
            web.post("/_simulator/faults", self._set),
            web.post("/_simulator/drop_sockets", self._drop_sockets),
            web.post("/_simulator/restart", self._restart),
            web.get("/_simulator/runs", self._runs),
            web.get("/_simulator/spans", self._spans),
        ]

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response(msgspec.structs.asdict(self._core.faults))

    async def _set(self, request: web.Request) -> web.Response:
        """Set the given fields and leave the others; 400 names what is wrong, and nothing is set then."""
        current = msgspec.structs.asdict(self._core.faults)
        try:
            given: dict[str, Any] = msgspec.json.decode(await request.read(), type=dict[str, Any])
            wanted = msgspec.convert(current | given, Faults)
        except msgspec.MsgspecError as error:
            return web.json_response({"error": str(error)}, status=400)
        for name, value in msgspec.structs.asdict(wanted).items():
            setattr(self._core.faults, name, value)
        return await self._show(request)

    async def _drop_sockets(self, _: web.Request) -> web.Response:
        self._core.hub.drop_all()
        return web.Response()

    async def _restart(self, _: web.Request) -> web.Response:
        await self._core.restart()
        return web.Response()

    async def _runs(self, _: web.Request) -> web.Response:
        runs = self._core.runs
        return web.json_response({"started": runs.started, "rendered": runs.rendered})

    async def _spans(self, _: web.Request) -> web.Response:
        return web.json_response([msgspec.structs.asdict(span) for span in self._core.runs.spans])
