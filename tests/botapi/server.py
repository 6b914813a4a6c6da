"""The HTTP face: routes, faults, and starting and stopping on one port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.botapi.api import BotApi
from tests.botapi.body import FIELDS_LIMIT_BYTES, read_call
from tests.botapi.faults import FILE, Fault
from tests.botapi.handlers import Handler, handlers
from tests.botapi.refusal import RefusedError, ViolationError, too_many_requests
from tests.botapi.world import Reply

BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"
BROKE = "the test server itself broke; the log has the traceback"
UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class Server:
    """Serves a BotApi's world on one port, as often as it is started."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._world = api.world
        self._runner: web.AppRunner | None = None
        self._handlers: dict[str, Handler] = handlers(api.fetching)

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1. *port* 0 picks a free one; returns the port."""
        app = web.Application(client_max_size=FIELDS_LIMIT_BYTES)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        # A client that hangs up ends its long poll, as on the real server.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self._api.fetching.webhook.resume()
        return self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and break every connection; the state stays."""
        await self._api.fetching.webhook.pause()
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for connection in runner.server.connections if runner.server else []:
            if connection.transport:
                connection.transport.abort()
        await runner.cleanup()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        reply = Reply(method, {}, 500, BROKE)
        fault = None
        try:
            self._check_target(request, method)
            fault = self._api.faults.take(method)
            await self._suffer(fault)
            call = await read_call(request, method, limit_bytes=self._api.upload_limit_bytes)
            reply = Reply(method, call.args, 500, BROKE)
            self._api.flood.check(method, call.args.get("chat_id"))
            result = await self._handlers[method](self._world, call)
            reply = Reply(method, call.args, 200)
            self._world.bell.ring()
            await asyncio.sleep(fault.reply_delay_s if fault else 0)
            if fault and fault.drop == "after":
                reply = Reply(method, call.args, 0, "(connection dropped after the effect)")
                return self._hang_up(request)
            return web.json_response({"ok": True, "result": result})
        except RefusedError as refusal:
            if isinstance(refusal, ViolationError):
                self._world.violations.append(f"{method}: {refusal}")
            reply = Reply(method, reply.args, refusal.code, str(refusal))
            return _refused(refusal)
        except _HungUpError:
            reply = Reply(method, reply.args, 0, "(connection dropped before the effect)")
            return self._hang_up(request)
        except asyncio.CancelledError:
            reply = Reply(method, reply.args, 0, "(client hung up)")
            raise
        finally:
            if reply.description == BROKE:
                self._world.violations.append(f"{method}: {BROKE}")
            self._world.replies.append(reply)
            self._world.bell.ring()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        fault = self._api.faults.take(FILE)
        try:
            self._check_token(request)
            await self._suffer(fault)
            data = self._world.files.at_path(path)
            if data is None:
                raise ViolationError("Not Found", code=404)
        except RefusedError as refusal:
            if isinstance(refusal, ViolationError):
                self._world.violations.append(f"file {path}: {refusal}")
            return _refused(refusal)
        except _HungUpError:
            return self._hang_up(request)
        if fault and fault.drop == "after":
            data = data[: len(data) // 2]
            response = web.StreamResponse(headers={"Content-Length": str(len(data) * 2 + 1)})
            await response.prepare(request)
            await response.write(data)
            return self._hang_up(request)
        return web.Response(body=data)

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self._world.token:
            raise ViolationError("Unauthorized", code=401)

    def _check_target(self, request: web.Request, method: str) -> None:
        self._check_token(request)
        if method not in self._handlers or request.method not in {"GET", "POST"}:
            raise ViolationError("Not Found", code=404)

    async def _suffer(self, fault: Fault | None) -> None:
        if fault is None:
            return
        await asyncio.sleep(fault.delay_s)
        if fault.drop == "before":
            raise _HungUpError
        if fault.code == 429:
            raise too_many_requests(fault.retry_after_s)
        if fault.code:
            raise RefusedError("Internal Server Error", code=fault.code)

    def _hang_up(self, request: web.Request) -> web.Response:
        if request.transport:
            request.transport.abort()
        return web.Response()


class _HungUpError(Exception):
    """A fault wants the connection broken now."""


def _refused(refusal: RefusedError) -> web.Response:
    if refusal.code == 502:
        return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    body = json.dumps(refusal.body)
    return web.Response(status=refusal.code, text=body, content_type="application/json", headers=headers)


@asynccontextmanager
async def running_bot_api(
    *,
    token: str = TOKEN,
    username: str = "darkroom_bot",
    port: int = 0,
    per_chat_s: float = 0.0,
    upload_limit_bytes: int = UPLOAD_LIMIT_BYTES,
) -> AsyncGenerator[BotApi]:
    """
    A Bot API server on loopback.

    Args:
        token: The only token it knows.
        username: The bot's name, without the @.
        port: 0 picks a free one.
        per_chat_s: Seconds that must lie between two messages in one chat, else 429; 0 turns the rule off.
        upload_limit_bytes: The largest file it takes from the bot, else 413.
    """
    api = BotApi(token=token, username=username, per_chat_s=per_chat_s, upload_limit_bytes=upload_limit_bytes)
    server = Server(api)
    api.attach(server, await server.start(port))
    try:
        yield api
    finally:
        await server.stop()
