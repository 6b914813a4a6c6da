"""
Connections for httpcore that lead through the tunnel's CONNECT, or do not come about.

httpcore opens connections through its network backend and in no other way. This one knows one address, the
tunnel's, and hands out streams only on which the tunnel has answered 200. TLS begins after that, so it is
between us and the Bot API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

import httpcore
import httpx
from httpcore import SOCKET_OPTION, AsyncNetworkBackend, AsyncNetworkStream

from services.ingress.telegram.via import Door

_HEAD_MOST_BYTES = 16 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] (?P<status>[0-9]{3})(?: [^\r\n]*)?\r\n")
_CODE = re.compile(rb"\r\nDarkroom-Error:[ \t]*(?P<code>[a-z-]{1,40})[ \t]*\r\n", re.IGNORECASE)
_SAID = {
    "tunnel-down": "the tunnel is down: it is not connected to the Anyone network",
    "route-refused": "the tunnel does not lead there: TUNNEL_CONNECT_ALLOW must name TELEGRAM_API_URL's "
    "host and port",
}


class NoWayError(httpx.ConnectError):
    """The tunnel gave no way to the Bot API; nothing was sent to it."""


class ConnectBackend(AsyncNetworkBackend):
    """Streams through the tunnel at *door*."""

    def __init__(self, door: Door) -> None:
        self._door = door
        # To its type checker this is either the backend or what stands for it without anyio.
        self._tcp = cast("AsyncNetworkBackend", httpcore.AnyIOBackend())
        self._missing = ""

    async def check(self) -> str:
        """For ``/readyz``: why there was no way when one was last looked for; empty when there was."""
        return self._missing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - as above
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> AsyncNetworkStream:
        """
        A stream to *host* and *port*; *timeout* seconds are for each step of it.

        Raises:
            NoWayError: Nothing listens there, or it does not answer as a tunnel does, or it refuses.
        """
        try:
            stream = await self._asked(host, port, timeout)
        except NoWayError as exc:
            self._missing = str(exc)
            raise
        self._missing = ""
        return stream

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as above
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> AsyncNetworkStream:
        """Not a way out."""
        raise NoWayError("only the tunnel is a way to the Bot API")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._tcp.sleep(seconds)

    async def _asked(self, host: str, port: int, timeout_s: float | None) -> AsyncNetworkStream:
        try:
            stream = await self._tcp.connect_tcp(self._door.host, self._door.port, timeout_s)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
            raise NoWayError("the tunnel does not run: nothing answers at TUNNEL_CONNECT_URL") from exc
        try:
            await stream.write(_question(host, port), timeout_s)
            _accept(await _head(stream, timeout_s))
        except (httpcore.NetworkError, httpcore.TimeoutException) as exc:
            await stream.aclose()
            raise NoWayError("the tunnel broke off, or did not answer in time") from exc
        except BaseException:
            await stream.aclose()
            raise
        return stream


def _question(host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii")


async def _head(stream: AsyncNetworkStream, timeout_s: float | None) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = await stream.read(4096, timeout_s)
        head += chunk
        if not chunk or len(head) > _HEAD_MOST_BYTES:
            raise NoWayError("what answers at TUNNEL_CONNECT_URL is no tunnel")
    return head


def _accept(head: bytes) -> None:
    status = _STATUS.match(head)
    if status is None:
        raise NoWayError("what answers at TUNNEL_CONNECT_URL is no tunnel")
    if status["status"] == b"200":
        # Neither TLS nor HTTP servers speak first: more than the head would be somebody else's.
        if not head.endswith(b"\r\n\r\n") or head.count(b"\r\n\r\n") != 1:
            raise NoWayError("the tunnel said more than that the way is open")
        return
    found = _CODE.search(head)
    code = found["code"].decode() if found else status["status"].decode()
    raise NoWayError(_SAID.get(code, f"the tunnel can't reach the Bot API ({code})"))
