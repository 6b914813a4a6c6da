"""The channel's own end of the tunnel: TLS to the Bot API, and no trust in what only looks like a tunnel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import certifi
import httpx
import pytest

from services.ingress.telegram.connect_backend import ConnectBackend, NoWayError
from services.ingress.telegram.tunnel_transport import TunnelTransport
from services.ingress.telegram.via import Door
from tests.integration.ingress_telegram.certificate import server_context
from tests.integration.tunnel.running import Script, scripted

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@asynccontextmanager
async def client_of(script: Script) -> AsyncGenerator[tuple[httpx.AsyncClient, ConnectBackend]]:
    """A client whose tunnel treats each connection by *script*."""
    async with scripted(script) as port:
        backend = ConnectBackend(Door("127.0.0.1", port))
        transport = TunnelTransport(backend, connections=2)
        async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=5) as client:
            yield client, backend


def tunnel_saying(answer: bytes) -> Script:
    """A tunnel that answers with *answer*, then ends what it says."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.write_eof()
        await reader.read()

    return script


@pytest.fixture
async def api_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[int]:
    """A server called bot.example, which says hi over TLS, and whose certificate is trusted."""
    context, certificate = server_context("bot.example", tmp_path)
    monkeypatch.setattr(certifi, "where", lambda: str(certificate))

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


def listening_in(api_port: int, heard: bytearray) -> Script:
    """A tunnel that leads to *api_port*, and keeps what it is given."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OPEN)
        far_reader, far = await asyncio.open_connection("127.0.0.1", api_port)

        async def back() -> None:
            while chunk := await far_reader.read(65536):
                writer.write(chunk)

        answering = asyncio.ensure_future(back())
        try:
            while chunk := await reader.read(65536):
                heard.extend(chunk)
                far.write(chunk)
        finally:
            far.close()
            await answering

    return script


async def test_the_tunnel_reads_nothing(api_port: int) -> None:
    """It is told host and port; token and words are the Bot API's alone."""
    heard = bytearray()
    async with client_of(listening_in(api_port, heard)) as (client, backend):
        answer = await client.post(f"https://bot.example/bot{TOKEN}/x", content=b"a goose", timeout=5)

    assert "hi" == answer.text
    assert not await backend.check()
    assert heard.startswith(b"CONNECT bot.example:443 HTTP/1.1\r\nHost: bot.example:443\r\n\r\n")
    assert TOKEN.encode() not in heard
    assert b"goose" not in heard


async def test_somebody_else_at_the_end_is_not_talked_to(api_port: int) -> None:
    """An exit that answers in the Bot API's place has no certificate for its name."""
    heard = bytearray()
    async with client_of(listening_in(api_port, heard)) as (client, _):
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await client.get(f"https://other.example/bot{TOKEN}/getMe")

    assert TOKEN.encode() not in heard


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 503 x\r\nDarkroom-Error: tunnel-down\r\n\r\n", "the tunnel is down"),
        (b"HTTP/1.1 403 x\r\ndarkroom-error: route-refused\r\n\r\n{}", "TUNNEL_CONNECT_ALLOW"),
        (b"HTTP/1.1 502 x\r\nDarkroom-Error: backend-unreachable\r\n\r\n", "(backend-unreachable)"),
        (b"HTTP/1.1 407 x\r\n\r\n", "(407)"),
        (b"HTTP/1.1 301 x\r\nLocation: http://127.0.0.1/\r\n\r\n", "(301)"),
        (b"HTTP/1.1 2000 x\r\n\r\n", "is no tunnel"),
        (b"SSH-2.0-x\r\n\r\n", "is no tunnel"),
        (b"", "is no tunnel"),
        (b"HTTP/1.1 200 OK\r\n", "is no tunnel"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "is no tunnel"),
        (OPEN + ANSWER, "said more"),
    ],
)
async def test_only_a_tunnels_yes_is_a_way(answer: bytes, words: str) -> None:
    """Anything else is a connection that did not come about, and the reason is kept for readiness."""
    async with client_of(tunnel_saying(answer)) as (client, backend):
        with pytest.raises(NoWayError, match="tunnel") as refused:
            await client.get("http://127.0.0.1:1/")

        assert words in str(refused.value)
        assert await backend.check() == str(refused.value)


async def test_a_tunnel_that_does_not_answer_is_no_way() -> None:
    """After the time that the caller gives it."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with client_of(silent) as (client, _):
        with pytest.raises(NoWayError, match="did not answer in time"):
            await client.get("http://127.0.0.1:1/", timeout=0.2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", httpx.RemoteProtocolError),
        (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"", httpx.RemoteProtocolError),
    ],
)
async def test_a_broken_answer_is_an_error_of_the_clients_own_kind(
    answer: bytes, kind: type[Exception]
) -> None:
    """The library knows what to make of it."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OPEN)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.write_eof()

    async with client_of(script) as (client, _):
        with pytest.raises(kind):
            await client.get("http://127.0.0.1:1/")
