"""Backends that fail and clients that leave: each end learns of the other's, and nothing half looks whole."""

from __future__ import annotations

import asyncio
import io
import socket
from contextlib import ExitStack

import aiohttp
import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.integration.tunnel.running import DEADLINE_S, tunnel_to, tunnel_to_script, until

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


async def head_of(reader: Reader) -> bytes:
    """A request's head."""
    return await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
async def test_a_truncated_body_never_looks_whole(head: str, version: str) -> None:
    """The backend breaks off in a body: the client's connection is reset, whatever frames the body."""

    async def cut(reader: Reader, writer: Writer) -> None:
        await head_of(reader)
        writer.write(head.encode() + b"x" * 500)
        await writer.drain()
        await go.wait()

    go = asyncio.Event()
    async with tunnel_to_script(cut) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
        writer.write(f"GET /one/view?filename=a HTTP/{version}\r\nHost: x\r\n\r\n".encode())
        came = await reader.readuntil(b"x" * 500)
        go.set()
        with pytest.raises(ConnectionResetError):
            came += await asyncio.wait_for(reader.read(), DEADLINE_S)
        writer.close()

    assert b" 200 OK\r\n" in came
    assert b"\r\n0\r\n" not in came


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 101 Up\r\n\r\n"]
)
async def test_no_answer_is_told_as_such(client: ClientSession, answer: bytes) -> None:
    """A backend that breaks off before it has answered, or speaks no HTTP, is a 502 with its own code."""

    async def cut(reader: Reader, writer: Writer) -> None:
        await head_of(reader)
        writer.write(answer)
        await writer.drain()

    async with tunnel_to_script(cut) as url, client.post(f"{url}/prompt", data=b"{}") as answered:
        assert (502, "backend-cut") == (answered.status, answered.headers["Darkroom-Error"])


async def test_a_backend_that_takes_no_connection(client: ClientSession) -> None:
    """A host that drops what knocks is unreachable once the connect timeout is over."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with ExitStack() as crowd:
            for _ in range(2):
                one = crowd.enter_context(socket.socket())
                one.settimeout(0)
                one.connect_ex(address)
            async with tunnel_to(address[1]) as url, client.get(f"{url}/queue") as answer:
                assert (502, "backend-unreachable") == (answer.status, answer.headers["Darkroom-Error"])


async def test_a_silent_backend(client: ClientSession) -> None:
    """A backend that takes the request and says nothing is a 504 after the idle timeout."""
    left = asyncio.Event()

    async def silent(reader: Reader, _: Writer) -> None:
        await head_of(reader)
        await reader.read()
        left.set()

    async with tunnel_to_script(silent, idle_timeout_s=0.2) as url, client.get(f"{url}/queue") as answer:
        assert (504, "backend-timeout") == (answer.status, answer.headers["Darkroom-Error"])
        await asyncio.wait_for(left.wait(), DEADLINE_S)


async def test_a_backend_silent_in_a_body(client: ClientSession) -> None:
    """After the headers the same silence aborts the connection."""

    async def silent(reader: Reader, writer: Writer) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        await reader.read()

    async with tunnel_to_script(silent, idle_timeout_s=0.2) as url, client.get(f"{url}/queue") as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_a_backend_that_takes_no_more(client: ClientSession) -> None:
    """An upload that the backend stops taking is a 504 as well: the clock runs while a body is sent."""

    async def stuck(reader: Reader, _: Writer) -> None:
        await head_of(reader)
        await asyncio.Event().wait()

    body = bytes(64 * 1024 * 1024)
    async with (
        tunnel_to_script(stuck, idle_timeout_s=0.5) as url,
        client.post(f"{url}/upload/image", data=io.BytesIO(body)) as answer,
    ):
        assert (504, "backend-timeout") == (answer.status, answer.headers["Darkroom-Error"])


async def test_a_slow_but_living_exchange_has_no_limit(client: ClientSession) -> None:
    """The idle timeout counts silence, not length: an answer that takes three of it still comes."""

    async def drip(reader: Reader, writer: Writer) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with tunnel_to_script(drip, idle_timeout_s=0.35) as url, client.get(f"{url}/queue") as answer:
        assert b"x" * 10 == await answer.read()


async def test_a_client_that_leaves_takes_its_request_along(client: ClientSession) -> None:
    """A client gone while the backend thinks: the backend's connection drops."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def think(reader: Reader, _: Writer) -> None:
        await head_of(reader)
        asked.set()
        assert b"" == await reader.read()
        left.set()

    async with tunnel_to_script(think) as url:
        asking = asyncio.create_task(client.get(f"{url}/queue"))
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        asking.cancel()
        await asyncio.wait_for(left.wait(), DEADLINE_S)


@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
async def test_a_client_cut_in_an_upload(framing: str) -> None:
    """Half an upload arrives as half: the backend's connection breaks, the body is never ended."""
    arrived = bytearray()
    ended = asyncio.Event()

    async def take(reader: Reader, _: Writer) -> None:
        await head_of(reader)
        try:
            while chunk := await reader.read(1 << 16):
                arrived.extend(chunk)
        finally:
            ended.set()

    async with tunnel_to_script(take) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
        writer.write(f"POST /one/upload/image HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
        writer.write(b"5\r\nhello\r\n")
        await until(lambda: b"hello" in arrived)
        writer.transport.abort()
        await asyncio.wait_for(ended.wait(), DEADLINE_S)

    assert b"0\r\n\r\n" not in arrived


async def test_a_client_that_stalls_in_an_upload() -> None:
    """A client that stops sending is hung up on; the backend is not blamed."""

    async def take(reader: Reader, _: Writer) -> None:
        await head_of(reader)
        await reader.read()

    async with tunnel_to_script(take, idle_timeout_s=0.2) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
        writer.write(b"POST /one/prompt HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), DEADLINE_S)
        writer.close()


async def test_redirects_are_not_followed(client: ClientSession) -> None:
    """A backend can't choose where the tunnel connects next: 302 comes back, without its Location."""
    asked: list[bytes] = []

    async def away(reader: Reader, writer: Writer) -> None:
        asked.append(await head_of(reader))
        head = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}/x\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.format(writer.get_extra_info("sockname")[1]).encode())
        await writer.drain()

    async with tunnel_to_script(away) as url:
        async with client.get(f"{url}/queue", allow_redirects=False) as answer:
            assert 302 == answer.status
            assert "Location" not in answer.headers
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(f"{url}/ws")

    assert "backend-cut" == (refused.value.headers or {})["Darkroom-Error"]
    assert [b"GET /queue", b"GET /ws"] == [head.split(b" HTTP")[0] for head in asked]


async def test_a_name_that_moved_gets_no_connection(
    client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the backend's name comes to mean another machine, no socket is opened."""

    async def elsewhere(*_: object, **__: object) -> list[dict[str, object]]:
        entry = {
            "hostname": "localhost",
            "host": "192.0.2.1",
            "port": 80,
            "family": 2,
            "proto": 6,
            "flags": 0,
        }
        return [entry]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", elsewhere)
    async with tunnel_to(80, host="localhost") as url, client.get(f"{url}/queue") as answer:
        said = await answer.json()

    assert (502, "backend-unreachable") == (answer.status, answer.headers["Darkroom-Error"])
    assert "not on this machine" in said["error"]
