"""Large bodies: at the pace of whoever takes them, in constant memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aiohttp import ClientSession, web

from tests.integration.tunnel.running import (
    scripted,
    tunnel_to,
    tunnel_to_backend,
    tunnel_to_script,
    until_steady,
)

BODY_BYTES = 100 * 1024 * 1024
CHUNK = bytes(256 * 1024)
# The kernel's buffers of two loopback connections take a few MiB whatever the tunnel does.
IN_FLIGHT_MAX_BYTES = 24 * 1024 * 1024


class Upload:
    """100 MiB that know how much of them has been taken."""

    def __init__(self) -> None:
        self.taken_bytes = 0

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body."""
        while self.taken_bytes < BODY_BYTES:
            self.taken_bytes += len(CHUNK)
            yield CHUNK


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """A request's head."""
    return await reader.readuntil(b"\r\n\r\n")


async def test_upload_is_not_read_ahead(client: ClientSession) -> None:
    """While the backend takes nothing the client can send little; when it does, all of it arrives."""
    upload, arrived, go = Upload(), 0, asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        head = await read_head(reader)
        assert f"content-length: {BODY_BYTES}".encode() in head.lower()
        await go.wait()
        while arrived < BODY_BYTES:
            arrived += len(await reader.read(1 << 20))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    async with tunnel_to_script(slow) as url:
        headers = {"Content-Length": str(BODY_BYTES)}
        sending = asyncio.create_task(
            client.post(f"{url}/upload/image", data=upload.chunks(), headers=headers)
        )
        stuck_at = await until_steady(lambda: upload.taken_bytes)
        go.set()
        async with await sending as answer:
            assert b"{}" == await answer.read()

    assert 0 < stuck_at < IN_FLIGHT_MAX_BYTES
    assert BODY_BYTES == arrived


async def test_download_is_not_read_ahead(client: ClientSession) -> None:
    """While the client takes nothing the backend can send little; when it does, all of it comes."""
    sent = 0

    async def picture(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(BODY_BYTES)})
        await response.prepare(request)
        while sent < BODY_BYTES:
            await response.write(CHUNK)
            sent += len(CHUNK)
        return response

    async with tunnel_to_backend(picture) as url, client.get(f"{url}/view?filename=a.mp4") as answer:
        stuck_at = await until_steady(lambda: sent)
        came = 0
        async for chunk in answer.content.iter_any():
            came += len(chunk)

    assert 0 < stuck_at < IN_FLIGHT_MAX_BYTES
    assert BODY_BYTES == came


async def test_chunked_both_ways(client: ClientSession) -> None:
    """Bodies without a length stay without one, and lose nothing."""

    async def echo(request: web.Request) -> web.StreamResponse:
        assert request.content_length is None
        response = web.StreamResponse()
        await response.prepare(request)
        async for chunk in request.content.iter_any():
            await response.write(chunk)
        return response

    async def words() -> AsyncGenerator[bytes]:
        for number in range(1000):
            yield f"{number} ".encode()

    async with tunnel_to_backend(echo) as url, client.post(f"{url}/prompt", data=words()) as answer:
        assert "Content-Length" not in answer.headers
        assert " ".join(map(str, range(1000))) == (await answer.text()).rstrip()


async def test_compressed_bodies_pass_untouched(client: ClientSession) -> None:
    """Neither way is a body unpacked: its bytes and its encoding are the ends' own affair."""
    packed = b"\x1f\x8bnot really gzip"

    async def echo(request: web.Request) -> web.Response:
        assert "gzip" == request.headers["Content-Encoding"]
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async def check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        assert packed == await reader.readexactly(len(packed))
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        writer.write(head.encode() + packed)
        await writer.drain()

    async with scripted(check) as port, tunnel_to(port) as url:
        headers = {"Content-Encoding": "gzip"}
        async with client.post(
            f"{url}/prompt", data=packed, headers=headers, auto_decompress=False
        ) as answer:
            assert ("gzip", packed) == (answer.headers["Content-Encoding"], await answer.read())


async def test_body_is_asked_for_when_it_may_pass(client: ClientSession) -> None:
    """A client that waits for "100 Continue" gets it when its body may pass, and never uploads in vain."""

    async def count(request: web.Request) -> web.Response:
        return web.json_response(len(await request.read()))

    async with tunnel_to_backend(count) as url:
        async with client.post(f"{url}/upload/image", data=CHUNK, expect100=True) as answer:
            assert len(CHUNK) == await answer.json()
        upload = Upload()
        async with client.post(f"{url}/upload/mask", data=upload.chunks(), expect100=True) as answer:
            assert 403 == answer.status
    assert 0 == upload.taken_bytes


async def test_an_answer_may_come_before_the_end_of_the_upload(client: ClientSession) -> None:
    """A backend that has had enough is heard at once, and the rest of the upload is not sent to it."""
    upload = Upload()

    async def enough(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await writer.drain()
        await reader.read(1)
        await asyncio.Event().wait()

    async with tunnel_to_script(enough) as url:
        async with client.post(f"{url}/upload/image", data=upload.chunks()) as answer:
            assert (413, "big") == (answer.status, await answer.text())
        assert "Darkroom-Error" not in answer.headers
