"""Requests to a backend, over whichever connector leads there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Generator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
from aiohttp import BaseConnector, ClientResponse, ClientSession, ClientWebSocketResponse
from yarl import URL

from services.tunnel.errors import (
    BackendCutError,
    BackendRefusedError,
    BackendTimeoutError,
    BackendUnreachableError,
)
from services.tunnel.loopback import NotLoopbackError

MESSAGE_MAX_BYTES = 64 * 1024 * 1024
"""A WebSocket message's size; a preview of a large picture has some MiB."""

# What aiohttp would add on its own: it tells the backend who asks, or asks for what the client did not.
_NOT_OURS_TO_SAY = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class HandshakeRefusedError(Exception):
    """The backend itself answered a WebSocket handshake with an HTTP error; ``status`` says which."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Upstream:
    """
    Requests over one session, on behalf of one request of a client's.

    Attributes:
        is_suspect: The connection was lost in a way that no error tells.
    """

    def __init__(self, session: ClientSession) -> None:
        self.is_suspect = False
        self._session = session
        self._asked_at: float | None = None

    def silent_s(self) -> float:
        """For how long the backend has owed an answer, or more of it; 0 when it does not."""
        return 0.0 if self._asked_at is None else asyncio.get_running_loop().time() - self._asked_at

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: AsyncIterable[bytes] | bytes | None
    ) -> ClientResponse:
        """
        Send a request and wait for the answer's headers; *url* goes out as written.

        An iterable *body* is drawn from only as fast as the backend takes it. The caller leaves the answer's
        context when done with it; leaving early drops the connection.

        Raises:
            WayError: Which one tells whether the backend may have acted on the request.
        """
        with self._owed(), _typed_errors():
            answer = await self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
        if answer.status < 200:
            answer.close()
            raise BackendCutError("The backend switched protocols unasked.")
        return answer

    async def read(self, answer: ClientResponse) -> bytes:
        """What has come of the answer's body since the last call, empty at its end; raises ``WayError``."""
        with self._owed(), _typed_errors():
            return await answer.content.readany()

    async def open_websocket(self, url: str, *, heartbeat_s: float) -> ClientWebSocketResponse[bool]:
        """
        Open a WebSocket; a peer silent for one and a half *heartbeat_s* is taken for dead.

        Raises:
            WayError: No connection, or no handshake.
            HandshakeRefusedError: The backend's own refusal.
        """
        try:
            with self._owed(), _typed_errors():
                return await self._session.ws_connect(
                    URL(url, encoded=True),
                    heartbeat=heartbeat_s,
                    max_msg_size=MESSAGE_MAX_BYTES,
                    decode_text=False,
                )
        except aiohttp.WSServerHandshakeError as exc:
            if exc.status >= 400:
                raise HandshakeRefusedError(exc.status) from exc
            raise BackendCutError("The backend does not speak WebSocket.") from exc

    @contextmanager
    def _owed(self) -> Generator[None]:
        # Not cleared on the way out of a cancellation: whoever looks then wants to know what was waited for.
        self._asked_at = asyncio.get_running_loop().time()
        yield
        self._asked_at = None


def new_session(connector: BaseConnector, *, connect_timeout_s: float | None) -> ClientSession:
    """A session without redirects, cookies or the environment's proxies; closing it closes *connector*."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        # No time limit on a whole exchange, however large; how long it may stand still is `stall`'s business.
        timeout=aiohttp.ClientTimeout(total=None, connect=connect_timeout_s),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_NOT_OURS_TO_SAY,
        trace_configs=[tracing],
    )


async def _refuse_redirect(
    _session: ClientSession, _context: SimpleNamespace, _params: aiohttp.TraceRequestRedirectParams
) -> None:
    # `ws_connect` follows redirects and has no switch for it: a backend could choose where we connect next.
    raise BackendCutError("The backend answered with a redirect.")


@contextmanager
def _typed_errors() -> Generator[None]:
    try:
        yield
    except aiohttp.WSServerHandshakeError:
        raise
    except aiohttp.ConnectionTimeoutError as exc:
        raise BackendUnreachableError("The backend did not take the connection in time.") from exc
    except aiohttp.ClientConnectorError as exc:
        if isinstance(exc.os_error, ConnectionRefusedError):
            raise BackendRefusedError("Nothing listens at the backend's address: it is off.") from exc
        reason = str(exc.os_error) if isinstance(exc.os_error, NotLoopbackError) else exc.os_error.strerror
        raise BackendUnreachableError(f"No connection to the backend: {reason}.") from exc
    except aiohttp.ServerTimeoutError as exc:
        raise BackendTimeoutError("The backend stayed silent.") from exc
    except aiohttp.ClientError as exc:
        raise BackendCutError("The backend broke off, or its answer is not HTTP.") from exc
