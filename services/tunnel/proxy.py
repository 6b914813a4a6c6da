"""The reverse proxy: what is admitted goes to its backend, and the answer comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from aiohttp import web

from services.tunnel import headers
from services.tunnel.account import Account
from services.tunnel.answers import aborted, told_error
from services.tunnel.backends import Backend
from services.tunnel.errors import (
    BackendTimeoutError,
    BackendUnknownError,
    BusyError,
    RefusedError,
    RouteRefusedError,
    WayError,
)
from services.tunnel.exchange import exchange
from services.tunnel.own_routes import OWN, OwnRoutes
from services.tunnel.routes import Body, Passage, find_passage
from services.tunnel.stall import Idle, Party, Stall
from services.tunnel.target import Target, parse_target
from services.tunnel.upstream import Upstream
from services.tunnel.ways import Ways
from services.tunnel.websocket import relay_websocket

CHAIN_HEADER = "Darkroom-Chain"
_LARGE = 64 * 1024  # bytes: less goes out at once


class _ClientStalledError(Exception):
    """The client has stopped taking, or giving."""


class Admission(Protocol):
    """Who may pass: all in which the two roles of the tunnel differ."""

    def admitted(
        self, request: web.BaseRequest, target: Target, account: Account
    ) -> AbstractContextManager[Passage]:
        """
        Leave for *request*, which asks for *target*; fills in what *account* says of it.

        The leave lasts as long as the block.

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
    def admitted(self, request: web.BaseRequest, target: Target, account: Account) -> Generator[Passage]:
        """As ``Admission`` says."""
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
        ways: The ways to backends.
        own: What is asked of the tunnel itself, if it answers that.
        idle: How long an exchange may stand still.
        heartbeat_s: How often a silent WebSocket is pinged, both ways.
    """

    def __init__(
        self,
        admission: Admission,
        ways: Ways,
        *,
        own: OwnRoutes | None = None,
        idle: Idle,
        heartbeat_s: float = 20.0,
    ) -> None:
        self.stopping = asyncio.Event()
        """Set when no new work is wanted: WebSockets end at once, other requests are finished."""
        self._admission = admission
        self._ways = ways
        self._own = own
        self._limits = idle
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
        try:
            target = parse_target(request.raw_path)
            if self._own is not None and target.segments[0] == OWN:
                return await _own_answer(self._own, request, target, account)
            with self._admission.admitted(request, target, account) as passage:
                async with self._ways.way(passage.backend, request.headers.get(CHAIN_HEADER, "")) as upstream:
                    if passage.route.websocket:
                        return await self._websocket(request, passage, upstream, account)
                    return await self._exchanged(request, passage, upstream, account)
        except _ClientStalledError:
            account.ended = "client-stalled"
            return aborted(request)
        except ConnectionError:
            # The client's connection broke while it was written to, before the cancellation that tells so.
            account.ended = "client-gone"
            return aborted(request)
        except (RefusedError, BusyError, WayError) as exc:
            error = exc
        account.ended = error.code
        if self._own is not None:
            self._own.note(account.backend, error)
        if account.status:
            return aborted(request)
        account.status = error.status
        return told_error(error)

    async def _exchanged(
        self, request: web.BaseRequest, passage: Passage, upstream: Upstream, account: Account
    ) -> web.StreamResponse:
        uploads = passage.route.body is Body.STREAMED and (request.content_length or _LARGE) >= _LARGE
        stall = Stall(self._limits, uploads=uploads)
        try:
            async with stall:
                return await exchange(request, passage, upstream, stall, account)
        except TimeoutError:
            if stall.party is Party.CLIENT:
                raise _ClientStalledError from None
            said = f"Nothing has come from the backend for {stall.limit_s:g} s."
            raise BackendTimeoutError(said) from None

    async def _websocket(
        self, request: web.BaseRequest, passage: Passage, upstream: Upstream, account: Account
    ) -> web.StreamResponse:
        return await relay_websocket(
            request,
            passage,
            upstream,
            account,
            stopping=self.stopping,
            handshake_timeout_s=self._limits.answer_s,
            heartbeat_s=self._heartbeat_s,
        )


async def _own_answer(
    own: OwnRoutes, request: web.BaseRequest, target: Target, account: Account
) -> web.StreamResponse:
    account.route, answer = await own.answer(request, target.segments[1:])
    account.status, account.ended = answer.status, "ok"
    return answer
