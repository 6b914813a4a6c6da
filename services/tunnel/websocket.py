"""A WebSocket, relayed message by message until either side ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import ClientConnectionResetError, ClientWebSocketResponse, WSCloseCode, WSMsgType, web
from msgspec import Struct

from services.tunnel.account import WEBSOCKETS, Account
from services.tunnel.errors import BackendCutError, BackendTimeoutError, RouteRefusedError
from services.tunnel.exchange import SERVER
from services.tunnel.routes import Passage
from services.tunnel.upstream import (
    MESSAGE_MAX_BYTES,
    HandshakeRefusedError,
    Upstream,
)

_CLOSE_TIMEOUT_S = 3.0  # for the client to answer our close
_NO_CODE = (0, 1005)  # a close frame without a code, as aiohttp and RFC 6455 have it


class Ending(Struct, frozen=True, kw_only=True):
    """How a relay ended: the close code and reason that the other side is given."""

    code: int
    reason: str = ""
    ended: str = "ok"


_CLIENT_GONE = Ending(code=WSCloseCode.GOING_AWAY, ended="client-gone")
_BACKEND_CUT = Ending(code=WSCloseCode.BAD_GATEWAY, reason=BackendCutError.code, ended=BackendCutError.code)
_STOPPING = Ending(code=WSCloseCode.GOING_AWAY, reason="the tunnel stops", ended="stopping")

Socket = web.WebSocketResponse[bool] | ClientWebSocketResponse[bool]


async def relay_websocket(
    request: web.BaseRequest,
    passage: Passage,
    upstream: Upstream,
    account: Account,
    *,
    stopping: asyncio.Event,
    handshake_timeout_s: float,
    heartbeat_s: float,
) -> web.StreamResponse:
    """
    Open a WebSocket to the backend, accept *request*'s only then, and relay until one ends or *stopping* is
    set.

    A close code and reason pass through. A backend that vanishes ends the client's with 1014 and the reason
    ``backend-cut``; a message is relayed whole or not at all.

    Raises:
        RouteRefusedError: *request* is no WebSocket handshake.
        WayError: The backend could not be reached: the handshake is to be answered with that.
    """
    client: web.WebSocketResponse[bool] = web.WebSocketResponse(
        heartbeat=heartbeat_s,
        max_msg_size=MESSAGE_MAX_BYTES,
        timeout=_CLOSE_TIMEOUT_S,
        autoclose=False,
        compress=False,
        decode_text=False,
    )
    if not client.can_prepare(request):
        raise RouteRefusedError(f"{passage.route.name} is for WebSocket handshakes.")
    try:
        async with asyncio.timeout(handshake_timeout_s):
            server = await upstream.open_websocket(passage.url, heartbeat_s=heartbeat_s)
    except TimeoutError as exc:
        raise BackendTimeoutError("The backend did not answer the WebSocket handshake.") from exc
    except HandshakeRefusedError as exc:
        account.status, account.ended = exc.status, "ok"
        return web.Response(status=exc.status, headers={"Server": SERVER})
    try:
        client.headers["Server"] = SERVER
        await client.prepare(request)
        account.status = 101
        with WEBSOCKETS.labels(passage.backend.name).track_inprogress():
            ending = await _relay(client, server, account, stopping)
            account.ended = ending.ended
            upstream.is_suspect = ending is _BACKEND_CUT
            reason = ending.reason.encode()
            # The client's last: with its connection gone, this handler is cancelled.
            await server.close(code=ending.code, message=reason)
            await client.close(code=ending.code, message=reason)
    finally:
        await server.close(code=WSCloseCode.GOING_AWAY)
    return client


async def _relay(
    client: web.WebSocketResponse[bool],
    server: ClientWebSocketResponse[bool],
    account: Account,
    stopping: asyncio.Event,
) -> Ending:
    """The first of three ends: the client's, the backend's, the tunnel's own."""
    tasks = [
        asyncio.create_task(_pump(client, server, _CLIENT_GONE, _BACKEND_CUT, account.add_up)),
        asyncio.create_task(_pump(server, client, _BACKEND_CUT, _CLIENT_GONE, account.add_down)),
        asyncio.create_task(_stop(stopping)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # A close frame from one side makes sending to it fail: of both, the frame is what was meant.
        return min((task.result() for task in done), key=lambda ending: ending.ended != "ok")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stop(stopping: asyncio.Event) -> Ending:
    await stopping.wait()
    return _STOPPING


async def _pump(
    source: Socket, sink: Socket, source_gone: Ending, sink_gone: Ending, count: Callable[[int], None]
) -> Ending:
    """Relay *source*'s messages; each is taken only when the one before has gone out."""
    while True:
        try:
            message = await source.receive()
        except ClientConnectionResetError:  # while a ping of its was answered
            return source_gone
        if message.type is WSMsgType.CLOSE:
            code = WSCloseCode.OK if message.data in _NO_CODE else message.data
            return Ending(code=code, reason=message.extra or "")
        if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return source_gone
        try:
            await sink.send_frame(message.data, message.type)
        except ClientConnectionResetError:
            return sink_gone
        count(len(message.data))
