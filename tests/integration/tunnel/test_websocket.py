"""WebSockets through the tunnel."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import ClientSession, WSMsgType, web

from tests.integration.tunnel.running import (
    DEADLINE_S,
    backend,
    scripted,
    tunnel_to,
    tunnel_to_backend,
    until_steady,
)

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Send each message back, until told how to close."""
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data == "close":
            await socket.close(code=4001, message=b"had enough")
        else:
            await socket.send_str(message.data)
    return socket


@asynccontextmanager
async def handshaken() -> AsyncGenerator[tuple[int, asyncio.Queue[asyncio.StreamWriter]]]:
    """A backend that shakes hands and then never reads or writes; its connections come in the queue."""
    connections: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def shake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line.split(b": ")[1]
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
        writer.write(
            b"HTTP/1.1 101 Up\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
        )
        writer.write(b"\r\n\r\n")
        await connections.put(writer)
        await asyncio.Event().wait()

    async with scripted(shake) as port:
        yield port, connections


async def test_messages_both_ways(client: ClientSession) -> None:
    """Text and binary pass unchanged and in order, large previews included."""
    preview = os.urandom(4 * 1024 * 1024)
    async with (
        tunnel_to_backend(echo) as url,
        client.ws_connect(f"{url}/ws?clientId=a", max_msg_size=0) as socket,
    ):
        await socket.send_str('{"type": "ф"}')
        await socket.send_bytes(preview)
        await socket.send_str("last")

        assert '{"type": "ф"}' == await socket.receive_str()
        assert preview == await socket.receive_bytes()
        assert "last" == await socket.receive_str()


async def test_a_large_message_passes(client: ClientSession) -> None:
    """A message well above libraries' usual 4 MiB passes."""
    preview = bytes(32 * 1024 * 1024)
    async with tunnel_to_backend(echo) as url, client.ws_connect(f"{url}/ws", max_msg_size=0) as socket:
        await socket.send_bytes(preview)

        assert preview == await socket.receive_bytes()


async def test_the_handshake_says_nothing_of_the_client(client: ClientSession) -> None:
    """The backend gets the client id and a bare handshake."""
    seen: list[web.Request] = []

    async def record(request: web.Request) -> web.WebSocketResponse:
        seen.append(request)
        return await echo(request)

    headers = {"Cookie": "a=b", "Darkroom-Chain": "c", "User-Agent": "x", "Sec-WebSocket-Protocol": "p"}
    async with tunnel_to_backend(record) as url, client.ws_connect(f"{url}/ws?clientId=a-1", headers=headers):
        pass

    assert "/ws?clientId=a-1" == seen[0].raw_path
    assert {"Host", "Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"} == set(
        seen[0].headers
    )


async def test_close_codes_pass_both_ways(client: ClientSession) -> None:
    """Whoever closes, the other side gets the code and the reason."""
    closed: asyncio.Queue[int | None] = asyncio.Queue()

    async def record(request: web.Request) -> web.WebSocketResponse:
        socket = await echo(request)
        await closed.put(socket.close_code)
        return socket

    async with tunnel_to_backend(record) as url:
        async with client.ws_connect(f"{url}/ws") as socket:
            await socket.send_str("close")
            message = await socket.receive()
            assert (WSMsgType.CLOSE, 4001, "had enough") == (message.type, message.data, message.extra)
        await closed.get()

        async with client.ws_connect(f"{url}/ws") as socket:
            await socket.close(code=4002)
        assert 4002 == await asyncio.wait_for(closed.get(), DEADLINE_S)


async def test_a_client_that_vanishes(client: ClientSession) -> None:
    """A client whose connection drops leaves no WebSocket open at the backend."""
    ended = asyncio.Event()

    async def record(request: web.Request) -> web.WebSocketResponse:
        try:
            return await echo(request)
        finally:
            ended.set()

    async with tunnel_to_backend(record) as url:
        socket = await client.ws_connect(f"{url}/ws")
        transport = socket.get_extra_info("socket")
        assert transport is not None
        socket._response.connection.transport.abort()
        await asyncio.wait_for(ended.wait(), DEADLINE_S)


async def test_a_backend_that_vanishes(client: ClientSession) -> None:
    """A backend whose connection drops ends the client's with 1014 and the code, never like a normal end."""
    async with (
        handshaken() as (port, connections),
        tunnel_to(port) as url,
        client.ws_connect(f"{url}/ws") as socket,
    ):
        (await connections.get()).transport.abort()
        message = await asyncio.wait_for(socket.receive(), DEADLINE_S)

    assert (WSMsgType.CLOSE, 1014, "backend-cut") == (message.type, message.data, message.extra)


async def test_a_backend_that_is_dead_but_connected(client: ClientSession) -> None:
    """A peer that answers no ping is found out by the tunnel's own heartbeat."""
    async with (
        handshaken() as (port, _),
        tunnel_to(port, heartbeat_s=0.2) as url,
        client.ws_connect(f"{url}/ws") as socket,
    ):
        message = await asyncio.wait_for(socket.receive(), DEADLINE_S)

    assert (WSMsgType.CLOSE, 1014) == (message.type, message.data)


async def test_a_client_that_is_dead_but_connected(client: ClientSession) -> None:
    """The same for a client: the backend's WebSocket ends."""
    ended = asyncio.Event()

    async def record(request: web.Request) -> web.WebSocketResponse:
        socket = await echo(request)
        ended.set()
        return socket

    async with backend(record) as port, tunnel_to(port, heartbeat_s=0.2) as url:
        socket = await client.ws_connect(f"{url}/ws", autoping=False)
        await asyncio.wait_for(ended.wait(), DEADLINE_S)
        await socket.close()


@pytest.mark.parametrize(("status", "ours"), [(403, None), (500, None), (200, "backend-cut")])
async def test_a_handshake_refused_by_the_backend(
    client: ClientSession, status: int, ours: str | None
) -> None:
    """The backend's own refusal comes back with its status; something that is no WebSocket is a 502."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    async with tunnel_to_backend(refuse) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(f"{url}/ws")

    assert (502 if ours else status) == refused.value.status
    assert ours == (refused.value.headers or {}).get("Darkroom-Error")


async def test_a_handshake_never_answered(client: ClientSession) -> None:
    """A backend that takes the handshake and says nothing is a 504."""

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()
        await asyncio.Event().wait()

    async with scripted(silent) as port, tunnel_to(port, idle_timeout_s=0.2) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(f"{url}/ws")

    assert 504 == refused.value.status


async def test_a_page_may_not_listen(client: ClientSession) -> None:
    """A handshake with an Origin is a browser's, and refused."""
    async with tunnel_to_backend(echo) as url:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(f"{url}/ws", origin="http://evil.example")

    assert 403 == refused.value.status


async def test_stopping_says_goodbye(client: ClientSession) -> None:
    """When the tunnel stops, both ends get 1001 at once."""
    closed: asyncio.Queue[int | None] = asyncio.Queue()

    async def record(request: web.Request) -> web.WebSocketResponse:
        socket = await echo(request)
        await closed.put(socket.close_code)
        return socket

    async with backend(record) as port:
        async with tunnel_to(port) as url:
            socket = await client.ws_connect(f"{url}/ws")
            listening = asyncio.create_task(socket.receive())
        message = await listening
        assert 1001 == await asyncio.wait_for(closed.get(), DEADLINE_S)

    assert (WSMsgType.CLOSE, 1001) == (message.type, message.data)


async def test_a_reader_that_pauses_pauses_the_writer(client: ClientSession) -> None:
    """Previews that the client does not take stay with the backend, not in the tunnel."""
    sent = 0

    async def flood(request: web.Request) -> web.WebSocketResponse:
        nonlocal sent
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for _ in range(400):
            await socket.send_bytes(bytes(256 * 1024))
            sent += 1
        await socket.close()
        return socket

    async with tunnel_to_backend(flood) as url, client.ws_connect(f"{url}/ws", max_msg_size=0) as socket:
        stuck_at = await until_steady(lambda: sent)
        came = [message async for message in socket]

    assert 0 < stuck_at < 100
    assert 400 == len(came)
