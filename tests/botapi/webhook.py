"""The webhook: POST each update to an address, in order, until it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import time
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from tests.botapi.bell import Bell
from tests.botapi.refusal import ViolationError
from tests.botapi.updates import UpdateQueue

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS = {443, 80, 88, 8443}
FIRST_RETRY_S = 0.05  # the real server starts at 1 s; the doubling is the same
LONGEST_RETRY_S = 1.0
ANSWER_TIMEOUT_S = 10.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """Where updates go instead of getUpdates, while ``url`` is set."""

    def __init__(self, updates: UpdateQueue, bell: Bell) -> None:
        self._updates = updates
        self._bell = bell
        self._task: asyncio.Task[None] | None = None
        self._secret = ""
        self.url = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None

    @property
    def info(self) -> dict[str, Any]:
        """The WebhookInfo object."""
        made: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self.url:
            made["max_connections"] = self.max_connections
        if self.last_error:
            made["last_error_date"], made["last_error_message"] = self.last_error
        if self._updates.allowed:
            made["allowed_updates"] = self._updates.allowed
        return made

    async def set(self, url: str, *, secret: str = "", max_connections: int = 40) -> None:
        """Deliver to *url* from now on; an empty one ends it."""
        if url:
            _check(url)
        await self.pause()
        self.url, self._secret, self.max_connections, self.last_error = url, secret, max_connections, None
        if url:
            self._updates.push_out("terminated by setWebhook request")
        self.resume()

    def resume(self) -> None:
        """Start delivering, if there is an address."""
        if self.url:
            self._task = asyncio.create_task(self._deliver())

    async def pause(self) -> None:
        """Stop delivering; what was not taken stays queued."""
        task, self._task = self._task, None
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _deliver(self) -> None:
        headers = {SECRET_HEADER: self._secret} if self._secret else {}
        timeout = ClientTimeout(total=ANSWER_TIMEOUT_S)
        async with ClientSession(headers=headers, timeout=timeout, trust_env=False) as session:
            retry_s = FIRST_RETRY_S
            while True:
                if not self._updates.pending:
                    self._updates.added.clear()
                    await self._updates.added.wait()
                update = self._updates.pending[0]
                error = await self._post(session, update)
                if error:
                    self.last_error = (int(time.time()), error)
                    self._bell.ring()
                    await asyncio.sleep(retry_s)
                    retry_s = min(retry_s * 2, LONGEST_RETRY_S)
                else:
                    self._updates.drop(update)
                    retry_s = FIRST_RETRY_S

    async def _post(self, session: ClientSession, update: dict[str, Any]) -> str:
        """What went wrong, or nothing."""
        try:
            async with session.post(self.url, json=update, allow_redirects=False) as response:
                if 200 <= response.status < 300:
                    return ""
                return (
                    f"Wrong response from the webhook: {response.status} {HTTPStatus(response.status).phrase}"
                )
        except TimeoutError:
            return "Read timeout expired"
        except ClientError:
            return "Connection refused"


def _check(url: str) -> None:
    parsed = URL(url)
    if not parsed.host or parsed.scheme not in {"http", "https"}:
        raise ViolationError("invalid webhook URL specified")
    if parsed.host in LOOPBACK:
        return  # as a Bot API server run with --local allows
    if parsed.scheme != "https":
        raise ViolationError("bad webhook: An HTTPS URL must be provided for webhook")
    if parsed.port not in PORTS:
        raise ViolationError("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
