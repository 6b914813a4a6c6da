"""Connections through ``anon``'s SOCKS port: the only ones that this service makes in ``anon`` mode."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from ssl import SSLContext

import python_socks
from aiohttp.client_proto import ResponseHandler
from aiohttp_socks import ProxyConnector
from msgspec import Struct
from python_socks import ProxyType
from python_socks.async_.asyncio.v2 import Proxy

from services.tunnel.errors import BackendUnreachableError, TunnelDownError
from services.tunnel.isolation import Credentials
from services.tunnel.socks_reply import refusal, reply_code

Check = Callable[[str], None]
"""Raises ``AddressRefusedError`` for a host that may not be asked for."""


class Gate(Struct, frozen=True, kw_only=True):
    """
    A SOCKS port, and how it is used.

    Attributes:
        host: Where it listens.
        port: Likewise.
        credentials: By which circuits are told apart.
        timeout_s: How long a connection through it may take.
        check: Asked about each host, last before it is told to the port.
    """

    host: str
    port: int
    credentials: Credentials
    timeout_s: float
    check: Check


class SocksConnector(ProxyConnector):
    """aiohttp's connections through *gate*, as many as are wanted, kept for the next request."""

    def __init__(self, gate: Gate, *, keep_s: float) -> None:
        super().__init__(
            host=gate.host,
            port=gate.port,
            proxy_type=ProxyType.SOCKS5,
            username=gate.credentials.user,
            password=gate.credentials.password,
            rdns=True,  # a name is told to the port, and to nobody else
            limit=0,
            keepalive_timeout=keep_s,
        )
        self._gate = gate

    async def _connect_via_proxy(
        self,
        host: str,
        port: int,
        ssl: SSLContext | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the base's
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        self._gate.check(host)
        with _typed_errors():
            return await super()._connect_via_proxy(host, port, ssl, timeout or self._gate.timeout_s)


async def open_stream(gate: Gate, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """
    Open a TCP connection to *host* and *port*, seen from the other end of a circuit.

    Raises:
        TunnelDownError, BackendError, AddressRefusedError: There is none; nothing was sent.
    """
    gate.check(host)
    proxy = Proxy(
        ProxyType.SOCKS5,
        gate.host,
        gate.port,
        username=gate.credentials.user,
        password=gate.credentials.password,
        rdns=True,
    )
    with _typed_errors():
        stream = await proxy.connect(host, port, timeout=gate.timeout_s)
    return stream.reader, stream.writer


@contextmanager
def _typed_errors() -> Generator[None]:
    try:
        yield
    except python_socks.ProxyConnectionError as exc:
        raise TunnelDownError("anon's SOCKS port takes no connections.") from exc
    except python_socks.ProxyTimeoutError as exc:
        raise BackendUnreachableError("The network did not reach the backend in time.") from exc
    except python_socks.ProxyError as exc:
        code = reply_code(str(exc), exc.error_code)
        raise refusal(code) from exc
    except (OSError, EOFError) as exc:
        raise TunnelDownError("anon broke off the SOCKS connection.") from exc
