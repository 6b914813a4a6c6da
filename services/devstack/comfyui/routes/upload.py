"""POST /upload/image and /upload/mask."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.folders import Folders, contained, is_file

_OVERWRITE = ("true", "1")  # and no other spelling

Write = Callable[[FileField, Path], None]


class UploadRoutes:
    """Taking files in. A file of the same name stays: the new one gets another, unless it is the same."""

    def __init__(self, core: Core) -> None:
        self._folders = core.here.folders

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [web.post("/upload/image", self._image), web.post("/upload/mask", self._mask)]

    async def _image(self, request: web.Request) -> web.Response:
        return await self._take(dict(await request.post()), _copy)

    async def _mask(self, request: web.Request) -> web.Response:
        form: dict[str, Any] = dict(await request.post())
        return await self._take(form, lambda file, path: _masked(self._folders, form, file, path))

    async def _take(self, form: dict[str, Any], write: Write) -> web.Response:
        kind: str = form.get("type", "input")
        root = self._folders.by_type(kind)
        if root is None:
            raise LookupError(f"no folder for uploads of type {kind!r}")  # a plain 500 on the real server too
        file = form.get("image")
        if not file:
            return web.Response(status=400)
        if not isinstance(file, FileField):
            raise TypeError("the field `image` is no file")
        subfolder: str = form.get("subfolder", "")
        folder = contained(root, subfolder)
        if folder is None or contained(root, str(Path(subfolder) / file.filename)) is None:
            return web.Response(status=400)
        overwrite = form.get("overwrite") in _OVERWRITE
        name = await asyncio.to_thread(_store, folder, file, write, overwrite=overwrite)
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})


def _store(folder: Path, file: FileField, write: Write, *, overwrite: bool) -> str:
    """Write *file* under its own or the next free name, or find it there already; give that name."""
    folder.mkdir(parents=True, exist_ok=True)
    name, count = file.filename, 0
    while not overwrite and (folder / name).exists():
        if (folder / name).read_bytes() == file.file.read():
            return name
        file.file.seek(0)
        count += 1
        stem, dot, suffix = file.filename.rpartition(".")
        name = f"{stem} ({count}){dot}{suffix}" if stem else f"{suffix} ({count})"
    write(file, folder / name)
    return name


def _copy(file: FileField, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target)


def _masked(folders: Folders, form: dict[str, Any], file: FileField, path: Path) -> None:
    """Save the picture that `original_ref` names with the uploaded one's transparency. No such: no file."""
    ref: dict[str, str] = json.loads(form["original_ref"])
    bare, folder = folders.split(ref["filename"])
    folder = folder or folders.by_type(ref.get("type", "output"))
    source = None if folder is None else contained(folder, str(Path(ref.get("subfolder", "")) / bare))
    if source is None or not is_file(source):
        return
    with Image.open(source) as original, Image.open(file.file) as mask:
        info = PngInfo()
        for key, value in original.info.items():
            if isinstance(key, str) and isinstance(value, str):
                info.add_text(key, value)
        picture = original.convert("RGBA")
        picture.putalpha(mask.convert("RGBA").getchannel("A"))
    picture.save(path, pnginfo=info, compress_level=4)
