"""
The webhook: Telegram posts each update here, and again until it is answered with 200.

Of one chat it posts one at a time, the next when the one before was taken.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from typing import Any

import msgspec
import structlog
from aiohttp import ClientPayloadError, web
from telegram import Update

from services.common.bus import Bus
from services.common.errors import ConfigError
from services.common.run import until
from services.ingress.telegram.account import Account
from services.ingress.telegram.desk import Desk
from services.ingress.telegram.refusals import RefusedError, TelegramDownError
from services.ingress.telegram.silence import Silence

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
_MOST_BYTES = 1024 * 1024  # an update has tens of kilobytes at the most
_READ_S = 10.0
_ANSWER_S = 5.0
_AGAIN_S = 2
_ANNOUNCE_EVERY_S = 30.0
_REMEMBERED = 4096


class Webhook:
    """Takes updates that are posted; 200 says that what one asks for is kept, or answered for good."""

    def __init__(self, account: Account, desk: Desk, bus: Bus, *, url: str, secret: str) -> None:
        """
        Args:
            account: The bot whose updates they are.
            desk: Handles them.
            bus: Looked at to see whether waiting is of any use.
            url: The public address that leads here.
            secret: What only Telegram can know, in letters and digits.
        """
        self._account = account
        self._desk = desk
        self._bus = bus
        self._url = url
        self._secret = secret
        # By update id; nothing for what was passed over. What was answered with 503 goes on all the same,
        # and Telegram's next try finds it here.
        self._begun: OrderedDict[int, asyncio.Task[None] | None] = OrderedDict()
        self._silence = Silence()
        self.check = self._silence.check

    def app(self) -> web.Application:
        """The application; it does not look at paths, which a proxy before it may change."""
        app = web.Application(client_max_size=_MOST_BYTES)
        app.add_routes([web.post("/{path:.*}", self._handle)])
        return app

    async def announce(self) -> None:
        """
        Have Telegram post updates to our address.

        Raises:
            TelegramDownError: No answer.
            ConfigError: It refuses the address.
        """
        try:
            await self._account.set_webhook(self._url, self._secret)
        except RefusedError as exc:
            raise ConfigError(
                f"TELEGRAM_WEBHOOK_URL is refused by the Bot API server: {exc}. "
                "Give an https address that it can reach, on port 443, 80, 88 or 8443."
            ) from exc
        self._silence.is_broken()

    async def run(self, stopping: asyncio.Event) -> None:
        """Take updates until *stopping*; what is in hand then is finished, or left to be posted again."""
        async with self._desk.open():
            while not await until(stopping, _ANNOUNCE_EVERY_S):
                # Whoever polls with this token takes the webhook away, and Telegram tells nobody.
                try:
                    await self.announce()
                except (TelegramDownError, ConfigError) as exc:
                    structlog.get_logger().warning("webhook not announced", code=exc.code, reason=str(exc))

    async def _handle(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(shown, self._secret.encode()):
            structlog.get_logger().info("not from Telegram")
            return web.Response(status=403)
        update = self._account.read_update(await _posted(request))
        if update is None or await self._is_kept(update):
            return web.Response()
        return web.Response(status=503, headers={"Retry-After": str(_AGAIN_S)})

    async def _is_kept(self, update: Update) -> bool:
        """Whether the update may be let go, as far as can be told in a few seconds."""
        if update.update_id not in self._begun:
            if not self._desk.is_open:
                return False
            self._begun[update.update_id] = self._desk.begin(update)
            self._forget()
        task = self._begun[update.update_id]
        if task is None:
            return True
        # Without NATS waiting is in vain, and Telegram has only so many connections for all chats.
        await asyncio.wait({task}, timeout=_ANSWER_S if self._bus.is_up else 0)
        return task.done() and not task.cancelled() and task.exception() is None

    def _forget(self) -> None:
        while len(self._begun) > _REMEMBERED:
            oldest = next(iter(self._begun.values()))
            if oldest is not None and not oldest.done():
                return
            self._begun.popitem(last=False)


async def _posted(request: web.Request) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_READ_S):
            return msgspec.json.decode(await request.read(), type=dict[str, Any])
    except TimeoutError as exc:
        raise web.HTTPRequestTimeout from exc
    except (msgspec.DecodeError, ClientPayloadError, ConnectionError) as exc:
        raise web.HTTPBadRequest from exc
