"""One open event stream, as bytes: server-sent events, and pings while there are none."""

from __future__ import annotations

import asyncio
import socket

import msgspec
from aiohttp import web

from services.ingress.web.wire import PageEntry, PageEvent, PageHistory, PageNotice, PageOffer, PageProgress

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/event-stream; charset=utf-8",
    # For the proxies that otherwise hold a response back until it is complete.
    "X-Accel-Buffering": "no",
}
_PING_EVERY_S = 15.0
_WRITE_TIMEOUT_S = 30.0
_UNANSWERED_MS = 45_000
_NAMES: dict[type[object], str] = {
    PageEntry: "entry",
    PageHistory: "history",
    PageNotice: "notice",
    PageOffer: "offer",
    PageProgress: "progress",
}


class EventLine:
    """
    Sends to one page.

    Raises from every method:
        ConnectionError, TimeoutError: The page is gone, or does not read.
    """

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response
        self._sent_at_s = 0.0

    async def open(self) -> None:
        """Send the headers, and make the system notice a phone that has left its network."""
        await self._response.prepare(self._request)
        transport = self._request.transport
        connection = transport.get_extra_info("socket") if transport else None
        if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)
        await self._write(b": open\n\n")

    async def send(self, event: PageEvent) -> None:
        """Send one event, under its kind's name."""
        # JSON has no bare line feeds, so one data line holds it.
        data = msgspec.json.encode(event)
        await self._write(b"event: %s\ndata: %s\n\n" % (_NAMES[type(event)].encode(), data))

    async def keep_alive(self) -> None:
        """Ping when nothing was sent for a while."""
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the page is gone")
        if asyncio.get_running_loop().time() - self._sent_at_s >= _PING_EVERY_S:
            await self._write(b": ping\n\n")

    async def _write(self, data: bytes) -> None:
        self._sent_at_s = asyncio.get_running_loop().time()
        async with asyncio.timeout(_WRITE_TIMEOUT_S):
            await self._response.write(data)
