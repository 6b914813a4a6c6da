"""What a client gets from the tunnel itself, and how a body that can't be finished ends."""

from __future__ import annotations

import math
import socket
import struct

import msgspec
from aiohttp import web

from services.tunnel.errors import ERROR_HEADER, BusyError, RefusedError, WayError
from services.tunnel.exchange import SERVER

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


def told(
    body: object, *, status: int = 200, code: str | None = None, retry_after_s: float = 0.0
) -> web.Response:
    """An answer of the tunnel's own; *code* only for an error."""
    headers = {"Server": SERVER, "Cache-Control": "no-store"}
    if retry_after_s:
        headers["Retry-After"] = str(math.ceil(retry_after_s))
    if code is not None:
        headers[ERROR_HEADER] = code
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers
    )


def told_error(error: RefusedError | BusyError | WayError) -> web.Response:
    """What became of the request instead of an answer."""
    after_s = error.retry_after_s if isinstance(error, BusyError) else 0.0
    said = {"code": error.code, "error": str(error)}
    return told(said, status=error.status, code=error.code, retry_after_s=after_s)


def aborted(request: web.BaseRequest) -> web.Response:
    """
    Reset the client's connection: a body that stops half-way must never look finished.

    Closing would be enough where a length or chunks frame the body; only a reset tells an HTTP/1.0 client.
    """
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    # aiohttp wants an answer from a handler; with the connection gone it can't send this one.
    return web.Response()
