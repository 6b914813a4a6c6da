"""ComfyUI's only defence: a browser page of another origin may not talk to a server on loopback."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 when Host is loopback and Origin is somewhere else; anything else passes, OPTIONS unanswered."""
    host, origin = request.headers.get("Host"), request.headers.get("Origin")
    if host is not None and origin is not None and await _foreign(host.lower(), origin.lower()):
        return web.Response(status=403)
    if request.method == "OPTIONS":
        return web.Response()
    return await handler(request)


async def _foreign(host: str, origin: str) -> bool:
    theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
    # A side that names no port is compared by name alone.
    host_seen = host if theirs.port is not None else ours.hostname
    origin_seen = theirs.netloc if ours.port is not None else theirs.hostname
    if not host_seen or not origin_seen or host_seen == origin_seen:
        return False
    return await asyncio.to_thread(_is_loopback, ours.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    addresses: list[str] = []
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            found = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)
        except OSError:
            continue
        addresses += [str(address[0]) for *_, address in found]
    return bool(addresses) and all(ipaddress.ip_address(one).is_loopback for one in addresses)
