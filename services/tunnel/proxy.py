"""The reverse proxy: what is admitted goes to its backend, and the answer comes back."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import msgspec
from aiohttp import web

from services.tunnel import headers
from services.tunnel.account import Account
from services.tunnel.backends import Backend
from services.tunnel.errors import (
    ERROR_HEADER,
    BackendError,
    BackendTimeoutError,
    BackendUnknownError,
    BusyError,
    RefusedError,
    RouteRefusedError,
)
from services.tunnel.exchange import SERVER, exchange
from services.tunnel.routes import Passage, find_passage
from services.tunnel.stall import Party, Stall
from services.tunnel.target import parse_target
from services.tunnel.upstream import Upstream
from services.tunnel.websocket import relay_websocket

Refusal = RefusedError | BusyError | BackendError

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


class Admission(Protocol):
    """Who may pass: all in which the two roles of the tunnel differ."""

    def admitted(self, request: web.BaseRequest, account: Account) -> AbstractContextManager[Passage]:
        """
        Leave for *request*, which lasts as long as the block; fills in what *account* says of it.

        Raises:
            RefusedError: It may not pass.
            BusyError: Not now.
        """
        ...


class Named:
    """The client role's admission: ``/<backend>/<route>``, for each of several *backends* by name."""

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        self._backends = backends

    @contextmanager
    def admitted(self, request: web.BaseRequest, account: Account) -> Generator[Passage]:
        """As ``Admission`` says."""
        target = parse_target(request.raw_path)
        name, *route = target.segments
        backend = self._backends.get(name)
        if backend is None:
            raise BackendUnknownError(f"No backend is named {name!r}; DARKROOM_BACKENDS lists them.")
        account.backend = name
        passage = find_passage(backend, request.method, tuple(route), target.query)
        account.route = passage.route.name
        refuse_browser(request, passage)
        yield passage


def refuse_browser(request: web.BaseRequest, passage: Passage) -> None:
    """Raise ``RouteRefusedError`` if a page in a browser sent *request*."""
    if headers.from_browser(request.headers, websocket=passage.route.websocket):
        raise RouteRefusedError("The tunnel serves Darkroom's renderer, not pages in a browser.")


class Proxy:
    """
    Handles requests.

    Args:
        admission: Lets them in.
        upstream: The way to them.
        idle_timeout_s: How long an exchange may stand still.
        heartbeat_s: How often a silent WebSocket is pinged, both ways.
    """

    def __init__(
        self,
        admission: Admission,
        upstream: Upstream,
        *,
        idle_timeout_s: float,
        heartbeat_s: float = 20.0,
    ) -> None:
        self.stopping = asyncio.Event()
        """Set when no new work is wanted: WebSockets end at once, other requests are finished."""
        self._admission = admission
        self._upstream = upstream
        self._idle_timeout_s = idle_timeout_s
        self._heartbeat_s = heartbeat_s
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def wait_idle(self) -> None:
        """Return when no request is being handled."""
        await self._idle.wait()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request*, whatever becomes of it; one account line is written."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        account = Account()
        self._in_flight += 1
        self._idle.clear()
        try:
            return await self._answered(request, account)
        except asyncio.CancelledError:
            account.ended = account.ended or ("client-gone" if request.transport is None else "stopping")
            raise
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()
            account.settle(loop.time() - began)

    async def _answered(self, request: web.BaseRequest, account: Account) -> web.StreamResponse:
        stall = Stall(self._idle_timeout_s)
        try:
            with self._admission.admitted(request, account) as passage:
                if passage.route.websocket:
                    return await self._websocket(request, passage, account)
                async with stall:
                    return await exchange(request, passage, self._upstream, stall, account)
        except TimeoutError:
            if stall.party is Party.CLIENT:
                account.ended = "client-stalled"
                return _aborted(request)
            error: Refusal = BackendTimeoutError(
                f"Nothing has come from the backend for {self._idle_timeout_s:g} s."
            )
        except ConnectionError:
            # The client's connection broke while it was written to, before the cancellation that tells so.
            account.ended = "client-gone"
            return _aborted(request)
        except (RefusedError, BusyError, BackendError) as exc:
            error = exc
        account.ended = error.code
        if account.status:
            return _aborted(request)
        account.status = error.status
        return _own_answer(error)

    async def _websocket(
        self, request: web.BaseRequest, passage: Passage, account: Account
    ) -> web.StreamResponse:
        return await relay_websocket(
            request,
            passage,
            self._upstream,
            account,
            stopping=self.stopping,
            handshake_timeout_s=self._idle_timeout_s,
            heartbeat_s=self._heartbeat_s,
        )


def _own_answer(error: Refusal) -> web.Response:
    extra = {"Retry-After": str(math.ceil(error.retry_after_s))} if isinstance(error, BusyError) else {}
    return web.Response(
        status=error.status,
        body=msgspec.json.encode({"code": error.code, "error": str(error)}),
        content_type="application/json",
        headers={ERROR_HEADER: error.code, "Server": SERVER, "Cache-Control": "no-store", **extra},
    )


def _aborted(request: web.BaseRequest) -> web.Response:
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
