"""GET and HEAD /view: files, previews of pictures, single channels."""

from __future__ import annotations

import asyncio
import mimetypes
from io import BytesIO
from pathlib import Path

from aiohttp import web
from PIL import Image

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.faults import Faults
from services.devstack.comfyui.folders import contained, is_file

_PREVIEW_FORMATS = ("webp", "jpeg")
_QUALITY = 90
_UNSAFE_TYPES = frozenset(
    {"text/html", "text/html-sandboxed", "application/xhtml+xml", "text/javascript", "text/css"}
)
_BYTES = "application/octet-stream"
_SLOW_CHUNKS_PER_S = 20


class ViewRoutes:
    """Giving files out."""

    def __init__(self, core: Core) -> None:
        self._folders = core.here.folders
        self._faults = core.faults

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [web.get("/view", self._view)]

    async def _view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "filename" not in query:
            return web.Response(status=404)
        name, root = self._folders.split(query["filename"])
        if not name or name.startswith("/") or ".." in name:
            return web.Response(status=400)
        root = root or self._folders.by_type(query.get("type", "output"))
        if root is None:
            return web.Response(status=400)
        folder = contained(root, query.get("subfolder", ""))
        if folder is None:
            return web.Response(status=403)
        path = folder / Path(name).name
        if not await asyncio.to_thread(is_file, path):
            return web.Response(status=404)
        return await self._file(request, path)

    async def _file(self, request: web.Request, path: Path) -> web.StreamResponse:
        query = request.query
        channel = query.get("channel", "rgba")
        disposition = {"Content-Disposition": f'filename="{path.name}"'}
        if "preview" in query:
            chosen = query["preview"].split(";")
            kind = (
                chosen[0] if chosen[0] in _PREVIEW_FORMATS and "a" not in query.get("channel", "") else "webp"
            )
            quality = int(chosen[-1]) if chosen[-1].isdigit() else _QUALITY
            rgb = kind == "jpeg" or channel == "rgb"
            body = await asyncio.to_thread(_preview, path, kind, quality, rgb=rgb)
            return web.Response(body=body, content_type=f"image/{kind}", headers=disposition)
        if channel in {"rgb", "a"}:
            body = await asyncio.to_thread(_rgb if channel == "rgb" else _alpha, path)
            return web.Response(body=body, content_type="image/png", headers=disposition)
        content_type = mimetypes.guess_type(path.name)[0] or _BYTES
        headers = disposition | {"Content-Type": _BYTES if content_type in _UNSAFE_TYPES else content_type}
        if self._faults.view_bytes_per_s or self._faults.view_cut_after_bytes is not None:
            return await _badly(request, path, headers, self._faults)
        return web.FileResponse(path, headers=headers)


def _preview(path: Path, kind: str, quality: int, *, rgb: bool) -> bytes:
    with Image.open(path) as picture:
        buffer = BytesIO()
        (picture.convert("RGB") if rgb else picture).save(buffer, kind, quality=quality)
        return buffer.getvalue()


def _rgb(path: Path) -> bytes:
    with Image.open(path) as picture:
        return _png(picture.convert("RGB"))


def _alpha(path: Path) -> bytes:
    with Image.open(path) as picture:
        only = Image.new("RGBA", picture.size)
        only.putalpha(picture.getchannel("A") if picture.mode == "RGBA" else 255)
        return _png(only)


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


async def _badly(
    request: web.Request, path: Path, headers: dict[str, str], faults: Faults
) -> web.StreamResponse:
    """Send the file slowly, or not to its end, as the faults say. Ranges are honoured."""
    body = await asyncio.to_thread(path.read_bytes)
    wanted = request.http_range
    part = body[wanted]
    response = web.StreamResponse(status=200 if wanted == slice(None, None, 1) else 206, headers=headers)
    response.content_length = len(part)
    if response.status == 206:
        start = wanted.indices(len(body))[0]
        response.headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(body)}"
    await response.prepare(request)
    cut = faults.view_cut_after_bytes
    sendable = part if cut is None else part[:cut]
    pace = faults.view_bytes_per_s
    chunk_bytes = max(pace // _SLOW_CHUNKS_PER_S, 1) if pace else max(len(sendable), 1)
    for start in range(0, len(sendable), chunk_bytes):
        await response.write(sendable[start : start + chunk_bytes])
        if pace:
            await asyncio.sleep(chunk_bytes / pace)
    if len(sendable) < len(part) and request.transport is not None:
        request.transport.close()  # what was written still arrives, the rest never does
        return response
    await response.write_eof()
    return response
