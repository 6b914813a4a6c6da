"""What the server says of itself: nodes, models, features, statistics."""

from __future__ import annotations

import sys
from typing import Any

from aiohttp import web

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.nodes.description import describe

VERSION = "0.8.0"

_GIB = 2**30
_RAM_BYTES = 64 * _GIB
_VRAM_BYTES = 32 * _GIB


class FactRoutes:
    """Reading only."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [
            web.get("/object_info", self._nodes),
            web.get("/object_info/{node_class}", self._node),
            web.get("/models", self._folders),
            web.get("/models/{folder}", self._files),
            web.get("/embeddings", self._embeddings),
            web.get("/features", self._features),
            web.get("/system_stats", self._statistics),
        ]

    async def _nodes(self, _: web.Request) -> web.Response:
        nodes = self._core.library
        return web.json_response({name: describe(node, self._core.here) for name, node in nodes.items()})

    async def _node(self, request: web.Request) -> web.Response:
        name = request.match_info["node_class"]
        node = self._core.library.get(name)
        return web.json_response({} if node is None else {name: describe(node, self._core.here)})

    async def _folders(self, _: web.Request) -> web.Response:
        return web.json_response(self._core.here.shelf.folders())

    async def _files(self, request: web.Request) -> web.Response:
        files = self._core.here.shelf.files(request.match_info["folder"])
        return web.Response(status=404) if files is None else web.json_response(files)

    async def _embeddings(self, _: web.Request) -> web.Response:
        return web.json_response(self._core.here.shelf.files("embeddings"))

    async def _features(self, _: web.Request) -> web.Response:
        return web.json_response(features(self._core))

    async def _statistics(self, _: web.Request) -> web.Response:
        system: dict[str, Any] = {
            "os": sys.platform,
            "ram_total": _RAM_BYTES,
            "ram_free": _RAM_BYTES // 2,
            "comfyui_version": VERSION,
            "required_frontend_version": "1.35.9",
            "installed_templates_version": "0.7.67",
            "required_templates_version": "0.7.67",
            "python_version": sys.version,
            "pytorch_version": "none (simulated)",
            "embedded_python": False,
            "argv": sys.argv,
        }
        device: dict[str, Any] = {
            "name": "cuda:0 Simulated GPU, no model",
            "type": "cuda",
            "index": 0,
            "vram_total": _VRAM_BYTES,
            "vram_free": _VRAM_BYTES,
            "torch_vram_total": 0,
            "torch_vram_free": 0,
        }
        return web.json_response({"system": system, "devices": [device]})


def features(core: Core) -> dict[str, Any]:
    """What GET /features and the socket's `feature_flags` answer say."""
    return {
        "supports_preview_metadata": True,
        "max_upload_size": core.config.max_body_bytes,
        "extension": {"manager": {"supports_v4": True}},
    }
