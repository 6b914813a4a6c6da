"""The page's files, read once: what is not among them can't be asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from aiohttp import web
from msgspec import Struct

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
INDEX = "index.html"


class Asset(Struct, frozen=True, kw_only=True):
    """One file of the page."""

    data: bytes
    content_type: str
    etag: str


class Assets:
    """The page and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _TYPES}

    def page(self, request: web.Request) -> web.Response:
        """The page itself."""
        return _response(request, self._files[INDEX])

    async def static(self, request: web.Request) -> web.Response:
        """``GET /static/<file>``."""
        asset = self._files.get(request.match_info["file"])
        if asset is None:
            raise web.HTTPNotFound
        return _response(request, asset)


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    return Asset(data=data, content_type=_TYPES[path.suffix], etag=hashlib.sha256(data).hexdigest()[:32])


def _response(request: web.Request, asset: Asset) -> web.Response:
    # Asked again each time, so that an upgrade is seen at once; answered with 304 as long as there was none.
    headers = {"ETag": f'"{asset.etag}"', "Cache-Control": "no-cache"}
    if any(tag.value in (asset.etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.data, headers={**headers, "Content-Type": asset.content_type})
