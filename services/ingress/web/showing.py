"""``GET /media/<image_id>``: the bytes of a medium, or with ``?poster`` its poster, to whose it is."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from aiohttp import web

from schemas.queries import MediaFound
from services.common.media import MediaMissingError
from services.common.seal import UnsealError
from services.ingress.formats import UNKNOWN, extension, file_name
from services.ingress.gallery import Gallery
from services.ingress.web.byte_range import Part, wanted_bytes
from services.ingress.web.problem import ProblemError
from services.ingress.web.studio import Door
from services.ingress.web.visitor import Visitors

_FETCHED_AT_ONCE = 8


class Showing:
    """Hands out media. Whether it is another session's or none at all makes no difference to the answer."""

    def __init__(self, visitors: Visitors, door: Door) -> None:
        self._visitors = visitors
        self._door = door
        self._fetching = asyncio.Semaphore(_FETCHED_AT_ONCE)

    async def handle(self, request: web.Request) -> web.Response:
        """The whole medium, or the part that a ``Range`` asks for."""
        visitor = self._visitors.require(request)
        image_id = _image_id(request.match_info["image_id"])
        poster = "poster" in request.query
        gallery = self._door.enter().gallery
        # The session is asked first even for what the browser already has: 304 is an answer too.
        found = await gallery.find(visitor.session_id, image_id, poster=poster)
        if found is None:
            raise _not_found()
        etag = f"{image_id}-poster" if poster else str(image_id)
        headers = _headers(found.media.mime, image_id, etag, download="download" in request.query)
        if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return _answer(request, await self._fetch(gallery, found), headers)

    async def _fetch(self, gallery: Gallery, found: MediaFound) -> bytes:
        try:
            async with self._fetching:
                return await gallery.fetch(found)
        except (MediaMissingError, UnsealError) as exc:
            structlog.get_logger().error("medium lost", media=str(found.media.media_id), code=exc.code)
            raise _not_found() from exc


def _image_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _not_found() from None


def _not_found() -> ProblemError:
    return ProblemError(404, "not-found")


def _headers(mime: str, image_id: UUID, etag: str, *, download: bool) -> dict[str, str]:
    name = file_name(image_id, mime)
    # A type that is not on our list could be a page, with the rights of this one.
    is_known = extension(mime) != UNKNOWN
    placed = "inline" if is_known and not download else "attachment"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f'{placed}; filename="{name}"',
        "Content-Type": mime if is_known else "application/octet-stream",
        "ETag": f'"{etag}"',
    }


def _answer(request: web.Request, data: bytes, headers: dict[str, str]) -> web.Response:
    part = _part(request, len(data), headers["ETag"])
    if part is None:
        return web.Response(body=data, headers=headers)
    if part == "none":
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    start, stop = part
    return web.Response(
        status=206,
        body=data[start:stop],
        headers={**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"},
    )


def _part(request: web.Request, size_bytes: int, etag: str) -> Part:
    if request.headers.get("If-Range", etag) != etag:
        return None
    try:
        return wanted_bytes(request.http_range, size_bytes)
    except ValueError:
        return None  # RFC 9110: a Range that can't be read is ignored
