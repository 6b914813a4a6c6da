"""
HTTP CONNECT for the Telegram adapter: bytes to the places on a list, through the network or not at all.

It has a port of its own. Whoever may reach it need not be able to reach the backends, nor the other way
round; and aiohttp's server, which serves the proxy, hands out a connection's bytes to WebSockets only.
What goes through is TLS between the adapter and the Bot API: the tunnel sees neither token nor picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import msgspec

from services.common.errors import ConfigError
from services.tunnel.account import Account
from services.tunnel.authority import Authority
from services.tunnel.connect_head import HEAD_END, HEAD_MOST_BYTES, parse_head
from services.tunnel.errors import (
    ERROR_HEADER,
    BackendCutError,
    BackendTimeoutError,
    BackendUnreachableError,
    RefusedError,
    RouteRefusedError,
    WayError,
)
from services.tunnel.exchange import SERVER
from services.tunnel.relay import Side, relay

ISOLATION_KEY = "telegram"
_HEAD_S = 10.0
_OPEN_S = 30.0
_DRAIN_S = 3.0
_LINGER_S = 2.0
_ESTABLISHED = f"HTTP/1.1 200 Connection established\r\nServer: {SERVER}\r\n\r\n".encode()


class Streams(Protocol):
    """The way through the network."""

    async def open_stream(
        self, host: str, port: int, key: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """
        Connect to *host*, a name being looked up at the far end; streams of one *key* share a circuit.

        Raises:
            WayError: There is no way; ``TunnelDownError`` when there is none to anywhere.
            RefusedError: *host* may not be told to the network.
        """
        ...


class Connect:
    """
    Serves CONNECT.

    Args:
        streams: Opens the connections.
        allowed: The only places to which it does.
        idle_timeout_s: How long a connection may stand still; longer than Telegram's long poll, which is
            silent for 25 s.
    """

    def __init__(self, streams: Streams, allowed: frozenset[Authority], *, idle_timeout_s: float) -> None:
        self._streams = streams
        self._allowed = allowed
        self._idle_timeout_s = idle_timeout_s
        self._handling: set[asyncio.Task[None]] = set()
        self._listens = False
        self._circuit = 0

    async def missing(self) -> str:
        """Health check: empty while connections are accepted."""
        return "" if self._listens else "CONNECT is not listened for"

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncGenerator[int]:
        """
        Accept connections while the block runs; yields the port, which the system picks when asked for 0.

        At its end open connections have 3 s to end by themselves; then they are broken.

        Raises:
            ConfigError: The address can't be listened at.
        """
        try:
            server = await asyncio.start_server(self._connected, host, port)
        except OSError as exc:
            raise ConfigError(
                f"TUNNEL_HOST={host} TUNNEL_CONNECT_PORT={port}: can't listen there "
                f"({exc.strerror}). Stop what does, or choose another port."
            ) from exc
        self._listens = True
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            self._listens = False
            server.close()
            if self._handling:
                await asyncio.wait(self._handling, timeout=_DRAIN_S)
            for task in self._handling:
                task.cancel()
            await asyncio.gather(*self._handling, return_exceptions=True)
            await server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._handle(Side(reader, writer)))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def _handle(self, client: Side) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        account = Account(backend="(connect)")  # no backend can have that name
        try:
            await self._answer(client, account)
        except asyncio.CancelledError:
            account.ended = account.ended or "stopping"
            raise
        finally:
            client.writer.transport.abort()
            account.settle(loop.time() - began)

    async def _answer(self, client: Side, account: Account) -> None:
        try:
            remote = await self._opened(client, account)
        except (RefusedError, WayError) as exc:
            account.status, account.ended = exc.status, exc.code
            await _refuse(client, exc)
            return
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            account.ended = "client-gone"
            return
        account.status = 200
        try:
            client.writer.write(_ESTABLISHED)
            await relay(
                client,
                remote,
                idle_timeout_s=self._idle_timeout_s,
                count_up=account.add_up,
                count_down=account.add_down,
            )
            await asyncio.gather(*(side.close(timeout_s=self._idle_timeout_s) for side in (client, remote)))
            account.ended = "ok"
        except TimeoutError:
            account.ended = BackendTimeoutError.code
            self._circuit += 1
        except ConnectionError:
            account.ended = "client-gone" if client.writer.is_closing() else BackendCutError.code
        finally:
            if account.ended != "ok":
                client.reset()
                remote.reset()

    async def _opened(self, client: Side, account: Account) -> Side:
        async with asyncio.timeout(_HEAD_S):
            try:
                head = await client.reader.readuntil(HEAD_END)
            except asyncio.LimitOverrunError as exc:
                raise RouteRefusedError("The request's head has no end.") from exc
        target = parse_head(head)
        if target not in self._allowed:
            raise RouteRefusedError("The target is not on the tunnel's list, TUNNEL_CONNECT_ALLOW.")
        account.route = "connect"
        key = f"{ISOLATION_KEY} {self._circuit}"
        try:
            async with asyncio.timeout(_OPEN_S):
                return Side(*await self._streams.open_stream(target.host, target.port, key))
        except (TimeoutError, BackendUnreachableError) as exc:
            # The circuit may be dead, and the same key would be led back to it for a minute.
            self._circuit += 1
            if isinstance(exc, BackendUnreachableError):
                raise
            raise BackendTimeoutError(f"No connection came about in {_OPEN_S:g} s.") from exc


async def _refuse(client: Side, error: RefusedError | WayError) -> None:
    """Answer with *error* and hang up: what follows on this connection is never read as a request."""
    body = msgspec.json.encode({"code": error.code, "error": str(error)})
    head = (
        f"HTTP/1.1 {error.status} Refused\r\nServer: {SERVER}\r\n{ERROR_HEADER}: {error.code}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            client.writer.write(head.encode() + body)
            client.writer.write_eof()
            # Closed with something unread, the system would take the answer back with a reset.
            while await client.reader.read(HEAD_MOST_BYTES):
                pass
