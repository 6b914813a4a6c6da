"""The one place that opens connections to a backend."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
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
from services.tunnel.loopback import NotLoopbackError, loopback_socket

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
    """Requests to backends over one connector, without redirects, cookies or the environment's proxies."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: AsyncIterable[bytes] | bytes | None
    ) -> ClientResponse:
        """
        Send a request and wait for the answer's headers; *url* goes out as written.

        An iterable *body* is drawn from only as fast as the backend takes it. The caller leaves the answer's
        context when done with it; leaving early drops the connection.

        Raises:
            BackendError: Which one tells whether the backend may have acted on the request.
        """
        with _typed_errors():
            answer = await self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
        if answer.status < 200:
            answer.close()
            raise BackendCutError("The backend switched protocols unasked.")
        return answer

    async def open_websocket(self, url: str, *, heartbeat_s: float) -> ClientWebSocketResponse[bool]:
        """
        Open a WebSocket; a peer silent for one and a half *heartbeat_s* is taken for dead.

        Raises:
            BackendError: No connection, or no handshake.
            HandshakeRefusedError: The backend's own refusal.
        """
        try:
            with _typed_errors():
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


async def read(answer: ClientResponse) -> bytes:
    """What has come of the answer's body since the last call, empty at its end; raises ``BackendError``."""
    with _typed_errors():
        return await answer.content.readany()


def direct_connector() -> BaseConnector:
    """Connections without a tunnel, to this machine only."""
    return aiohttp.TCPConnector(limit=0, use_dns_cache=False, socket_factory=loopback_socket)


@asynccontextmanager
async def open_upstream(
    connector: BaseConnector, *, connect_timeout_s: float = 10.0
) -> AsyncGenerator[Upstream]:
    """An upstream over *connector*, which it closes in the end."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    session = ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        # No time limit on a whole exchange, however large; how long it may stand still is `stall`'s business.
        timeout=aiohttp.ClientTimeout(total=None, connect=connect_timeout_s),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_NOT_OURS_TO_SAY,
        trace_configs=[tracing],
    )
    async with session:
        yield Upstream(session)


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
