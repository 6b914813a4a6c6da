"""HTTP to one backend through the tunnel, and what its failures mean. There is no other way out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
from aiohttp import ClientWSTimeout
from msgspec import Struct

from services.renderer.errors import (
    BackendCutError,
    BackendDownError,
    RouteRefusedError,
    TunnelDownError,
    UnexpectedAnswerError,
)

MIB = 1024 * 1024
ANSWER_BYTES_MAX = 64 * MIB  # /object_info of a server with many extensions takes several
ASK_TIMEOUT_S = 30.0

_CLOSE_TIMEOUT_S = 1.0
_CHAIN = "Darkroom-Chain"
_ERROR = "Darkroom-Error"
_JSON = {"Content-Type": "application/json"}
_REFUSED = frozenset({"route-refused", "body-refused"})
_NEVER_ARRIVED = frozenset(
    {
        *("backend-refused", "backend-unreachable", "backend-unknown"),
        *("backend-not-published", "backend-key-missing", "backend-key-refused", "address-refused"),
        *("too-many-requests", "too-many-open"),  # by the host's limits
    }
)


class Answer(Struct, frozen=True, kw_only=True):
    """A whole answer of the backend."""

    status: int
    body: bytes


class Transport:
    """
    Requests to one backend, on behalf of one image chain.

    Args:
        session: Without a proxy, cookies or trust in the environment.
        tunnel_url: Where the tunnel listens.
        backend: Name in ``DARKROOM_BACKENDS``; the tunnel knows its address, this process does not.
        chain: Pseudonym that the tunnel isolates circuits by.
    """

    def __init__(self, session: aiohttp.ClientSession, tunnel_url: str, backend: str, chain: UUID) -> None:
        self._session = session
        self._base = f"{tunnel_url.rstrip('/')}/{backend}"
        self._headers = {_CHAIN: str(chain)}

    async def ask(
        self,
        method: str,
        route: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: aiohttp.FormData | None = None,
        timeout_s: float = ASK_TIMEOUT_S,
    ) -> Answer:
        """
        Send a request, with *json* or *form* as its body, and read the whole answer, whatever its status.

        Raises:
            TunnelDownError, BackendDownError: It did not arrive.
            BackendCutError: It may have taken effect.
            UnexpectedAnswerError: The answer is larger than any of ComfyUI's.
        """
        body, headers = (form, None) if json is None else (msgspec.json.encode(json), _JSON)
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        async with self.opened(
            method, route, params=params, headers=headers, data=body, timeout=timeout
        ) as response:
            answer = bytearray()
            async for piece in response.content.iter_chunked(256 * 1024):
                answer += piece
                if len(answer) > ANSWER_BYTES_MAX:
                    raise UnexpectedAnswerError(f"{route} answered more than {ANSWER_BYTES_MAX} bytes")
            return Answer(status=response.status, body=bytes(answer))

    async def size(self, route: str, params: Mapping[str, str], *, timeout_s: float) -> int | None:
        """Size in bytes of what a GET would bring (by HEAD), or nothing when it is not there; as ``ask``."""
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        async with self.opened("HEAD", route, params=params, timeout=timeout) as response:
            return response.content_length if response.status == 200 else None

    @asynccontextmanager
    async def opened(
        self, method: str, route: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Send a request and hand out its answer to be read; raises as ``ask`` does, also while reading."""
        with _translated():
            async with self._session.request(
                method,
                f"{self._base}{route}",
                headers={**self._headers, **(headers or {})},
                allow_redirects=False,
                **options,
            ) as response:
                _raise_for_tunnel(response.headers)
                yield response

    @asynccontextmanager
    async def socket(
        self, route: str, params: Mapping[str, str]
    ) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        """Open a WebSocket; raises as ``ask`` does."""
        with _translated():
            async with self._session.ws_connect(
                f"{self._base}{route}",
                params=params,
                headers=self._headers,
                heartbeat=20,
                max_msg_size=32 * MIB,
                timeout=ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),  # pyright: ignore[reportCallIssue] - untyped attrs
            ) as socket:
                yield socket


@contextmanager
def _translated() -> Generator[None]:
    """Turn aiohttp's failures into ours."""
    try:
        yield
    except aiohttp.WSServerHandshakeError as exc:
        _raise_for_tunnel(exc.headers or {})
        raise UnexpectedAnswerError(f"no WebSocket: status {exc.status}") from exc
    except aiohttp.ClientConnectorError as exc:
        raise TunnelDownError(f"no connection to the tunnel: {exc.strerror}") from exc
    except TimeoutError as exc:
        raise BackendCutError("no answer in time", code="backend-timeout") from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise BackendCutError(f"the connection broke: {type(exc).__name__}") from exc


def _raise_for_tunnel(headers: Mapping[str, str]) -> None:
    code = headers.get(_ERROR)
    if code is None:
        return
    if code == TunnelDownError.code:
        raise TunnelDownError("the tunnel has no way out")
    if code in _REFUSED:
        raise RouteRefusedError(f"the tunnel says {code}", code=code)
    if code in _NEVER_ARRIVED:
        raise BackendDownError(f"the tunnel says {code}", code=code)
    # A code that is not known here may mean anything, so the request may have taken effect.
    raise BackendCutError(f"the tunnel says {code}", code=code)
