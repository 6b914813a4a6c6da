"""HTTP through the tunnel: what arrives at the backend, and what comes back."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from aiohttp import ClientSession, FormData, web
from yarl import URL

from tests.integration.tunnel.running import backend, tunnel_to, tunnel_to_backend

PICTURE = bytes(range(256)) * 4096  # 1 MiB


async def show(request: web.Request) -> web.Response:
    """Answer with the request as it arrived."""
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        },
        headers={"Set-Cookie": "a=b", "X-Host": "gpu", "Server": "Python/3.11 aiohttp"},
    )


async def picture(request: web.Request) -> web.StreamResponse:
    """A file as ComfyUI serves it: ranges, validators, HEAD."""
    tag = '"e1"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Disposition": 'filename="a.png"'}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    asked = request.http_range
    if asked.start is None:
        return web.Response(body=PICTURE, headers=headers, content_type="image/png")
    part = PICTURE[asked]
    headers["Content-Range"] = f"bytes {asked.start}-{asked.start + len(part) - 1}/{len(PICTURE)}"
    return web.Response(status=206, body=part, headers=headers, content_type="image/png")


async def test_only_needed_headers_arrive(client: ClientSession) -> None:
    """The backend learns nothing of who asks: no header but those of the exchange, its own Host."""
    sent = {
        "Origin": "http://evil.example",
        "Referer": "http://x/",
        "Cookie": "s=1",
        "Authorization": "Basic eDp5",
        "User-Agent": "curl/8",
        "Accept-Language": "fi",
        "X-Forwarded-For": "10.1.1.1",
        "Forwarded": "for=10.1.1.1",
        "Darkroom-Chain": "0b9c4f0e-3a55-4a07-9d2a-2f0e4bb7a001",
        "X-Any": "thing",
        "Host": "darkroom.example",
        "Range": "bytes=0-",
        "Accept": "application/json",
    }
    async with tunnel_to_backend(show) as url, client.get(f"{url}/queue", headers=sent) as answer:
        arrived = (await answer.json())["headers"]

    host = arrived.pop("host")
    assert {"range": "bytes=0-", "accept": "application/json", "accept-encoding": "gzip, deflate"} == arrived
    assert host.startswith("127.0.0.1:")


async def test_only_needed_headers_come_back(client: ClientSession) -> None:
    """The client learns nothing of the backend's host, and no cookie is set, nor kept in the tunnel."""
    # By name: aiohttp's own jar would take no cookies from an address.
    async with backend(show) as port, tunnel_to(port, host="localhost") as url:
        await client.get(f"{url}/queue")
        async with client.get(f"{url}/queue") as answer:
            assert "cookie" not in (await answer.json())["headers"]

    assert {"Content-Type", "Content-Length", "Server", "Date"} == set(answer.headers)
    assert "darkroom" == answer.headers["Server"]


async def test_no_header_is_added(client: ClientSession) -> None:
    """What the client did not ask for, the tunnel does not ask for either."""
    skipped = ["User-Agent", "Accept", "Accept-Encoding"]
    async with (
        tunnel_to_backend(show) as url,
        client.get(f"{url}/queue", skip_auto_headers=skipped) as answer,
    ):
        assert {"host"} == set((await answer.json())["headers"])


async def test_the_target_is_written_anew(client: ClientSession) -> None:
    """Names in the query arrive decoded once, in one spelling."""
    target = "/view?filename=%D1%84+1.png&subfolder=a%2Fb&type="
    async with tunnel_to_backend(show) as url, client.get(URL(url + target, encoded=True)) as answer:
        assert "/view?filename=%D1%84%201.png&subfolder=a%2Fb&type=" == (await answer.json())["path"]


async def test_upload_arrives_whole(client: ClientSession) -> None:
    """A multipart upload arrives byte for byte, with its boundary and its length."""
    form = FormData({"overwrite": "true"})
    form.add_field("image", PICTURE, filename="a.png", content_type="image/png")

    async def upload(request: web.Request) -> web.Response:
        fields = await request.post()
        image = fields["image"]
        assert isinstance(image, web.FileField)
        digest = hashlib.sha256(image.file.read()).hexdigest()
        return web.json_response([image.filename, fields["overwrite"], digest, request.content_length])

    async with tunnel_to_backend(upload) as url, client.post(f"{url}/upload/image", data=form) as answer:
        name, overwrite, digest, length = await answer.json()

    assert ("a.png", "true", hashlib.sha256(PICTURE).hexdigest()) == (name, overwrite, digest)
    assert length > len(PICTURE)


async def test_range_validators_and_head(client: ClientSession) -> None:
    """206, 304 and HEAD keep their status, headers and bodies."""
    async with tunnel_to_backend(picture) as base:
        url = f"{base}/view?filename=a.png"
        async with client.get(url, headers={"Range": "bytes=1000-1999"}) as part:
            assert (206, PICTURE[1000:2000]) == (part.status, await part.read())
            assert f"bytes 1000-1999/{len(PICTURE)}" == part.headers["Content-Range"]
        async with client.get(url, headers={"If-None-Match": '"e1"'}) as unchanged:
            assert (304, b"") == (unchanged.status, await unchanged.read())
            assert '"e1"' == unchanged.headers["ETag"]
        async with client.head(url) as head:
            assert (200, str(len(PICTURE)), b"") == (
                head.status,
                head.headers["Content-Length"],
                await head.read(),
            )
        async with client.get(url) as whole:
            assert PICTURE == await whole.read()
            assert 'filename="a.png"' == whole.headers["Content-Disposition"]


async def test_the_backends_own_errors_are_told_apart(client: ClientSession) -> None:
    """ComfyUI's 400 and 500 come back as they are, without the tunnel's header, reason included."""

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500, reason="Oh", text="Traceback")

    async with tunnel_to_backend(broken) as url, client.post(f"{url}/prompt", data=b"{") as answer:
        assert (500, "Oh", "Traceback") == (answer.status, answer.reason, await answer.text())
    assert "Darkroom-Error" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "body", "refusal"),
    [
        ("GET /../two/queue", None, (404, "backend-unknown")),
        ("GET /userdata", None, (403, "route-refused")),
        ("DELETE /queue", None, (403, "route-refused")),
        ("GET /view?path=x", None, (403, "route-refused")),
        ("GET /ws", None, (403, "route-refused")),
        ("POST /queue", b'{"clear": true}', (400, "body-refused")),
        ("POST /interrupt", None, (400, "body-refused")),
        ("POST /history", b'{"delete": ["a"]}' + b" " * 70_000, (400, "body-refused")),
        ("GET /queue", b"{}", (400, "body-refused")),
    ],
)
async def test_refusals_never_reach_the_backend(
    client: ClientSession, asked: str, body: bytes | None, refusal: tuple[int, str]
) -> None:
    """The tunnel's own answers carry their code in header and body; the backend sees nothing."""
    method, path = asked.split(" ")
    seen: list[str] = []

    async def record(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    async with (
        tunnel_to_backend(record) as url,
        client.request(method, URL(url + path), data=body) as answer,
    ):
        said = await answer.json()

    assert refusal == (answer.status, answer.headers["Darkroom-Error"])
    assert refusal[1] == said["code"]
    assert said["error"]
    assert [] == seen


async def test_checked_bodies_arrive(client: ClientSession) -> None:
    """A body that names its prompt passes, written anew as plain JSON."""
    async with (
        tunnel_to_backend(show) as url,
        client.post(
            f"{url}/interrupt", data=b'{ "prompt_id": "p1" }', headers={"Content-Encoding": "br"}
        ) as answer,
    ):
        arrived = await answer.json()

    assert '{"prompt_id":"p1"}' == arrived["body"]
    assert "content-encoding" not in arrived["headers"]


async def test_pages_are_turned_away(client: ClientSession) -> None:
    """A request that a browser made for a page is refused: without its Origin, ComfyUI could not tell."""
    async with (
        tunnel_to_backend(show) as url,
        client.post(f"{url}/prompt", data=b"{}", headers={"Sec-Fetch-Site": "cross-site"}) as answer,
    ):
        assert (403, "route-refused") == (answer.status, answer.headers["Darkroom-Error"])


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/prompt",
        "http://evil.example/one/prompt",
        "//evil.example/one/prompt",
        "/one/./prompt",
        "/one/%2e%2e/prompt",
        "/one/x/../prompt",
        "*",
        "/one/prompt\\x",
        "/one/history/\xff",
    ],
)
async def test_request_lines_as_sent(target: str) -> None:
    """A target that HTTP libraries would tidy up is judged as it was sent, and refused."""
    async with tunnel_to_backend(show) as url:
        port = URL(url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        line = f"GET {target.format(port=port)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        writer.write(line.encode("latin-1"))
        status = (await reader.read()).split(b" ", 2)[1]
        writer.close()
        await writer.wait_closed()

    assert status in {b"400", b"403"}


async def test_a_backend_that_is_off(client: ClientSession, unused_tcp_port: int) -> None:
    """Nothing listens there: 502 with a code of its own, for requests and for WebSocket handshakes alike."""
    async with tunnel_to(unused_tcp_port) as url:
        async with client.get(f"{url}/queue") as answer:
            assert (502, "backend-refused") == (answer.status, answer.headers["Darkroom-Error"])
        handshake = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }  # fmt: skip
        async with client.get(f"{url}/ws?clientId=a", headers=handshake) as answer:
            assert (502, "backend-refused") == (answer.status, answer.headers["Darkroom-Error"])
