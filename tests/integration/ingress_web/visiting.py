"""A browser as far as HTTP goes: cookies, forms, presses, the event stream."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
from PIL import Image

from schemas.private import Address
from services.common.keys import Keyring
from services.ingress.submission import Speaker, session_id
from services.ingress.web.cookie import SessionCookie


def png(width_px: int = 8, height_px: int = 6) -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), "teal").save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Answer:
    """A response, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """What its body says."""
        return msgspec.json.decode(self.body)


class EventReader:
    """Reads server-sent events off one response."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self, timeout_s: float = 20.0) -> tuple[str, Any] | None:
        """The next event's name and data; nothing once the stream has ended."""
        name, data = "", b""
        async with asyncio.timeout(timeout_s):
            async for line in self.response.content:
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    data = line[6:]
                elif line == b"\n" and name:
                    return name, msgspec.json.decode(data)
        return None

    async def until(self, wanted: str) -> Any:
        """The data of the next event of that name, whatever comes before."""
        while event := await self.next():
            if event[0] == wanted:
                return event[1]
        raise AssertionError(f"the stream ended without {wanted}")


class Visit:
    """One browser, with one cookie jar."""

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.url = url
        self._keyring = keyring
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    @property
    def cookie(self) -> Morsel[str]:
        """Its session cookie, as the jar holds it."""
        (cookie,) = self.http.cookie_jar
        return cookie

    @property
    def session_id(self) -> UUID:
        """The session behind its cookie."""
        key = SessionCookie(self._keyring.session).read(self.cookie.value)
        assert key is not None
        return session_id(self._keyring, Speaker(channel="web", chat=key, person=key, address=Address()))

    async def get(self, path: str, **options: Any) -> Answer:
        """Ask, and read the answer whole."""
        async with self.http.get(self.url + path, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def say(self, text: str, *files: bytes, **changed: str) -> Answer:
        """Post a message as the page does."""
        fields = {"id": str(uuid4()), "text": text, "reply_to": "", **changed}
        form = aiohttp.FormData(fields, default_to_multipart=True)
        for index, file in enumerate(files):
            form.add_field("file", io.BytesIO(file), filename=f"picture-{index + 1}")
        return await self.post("/say", data=form)

    async def press(self, **what: Any) -> Answer:
        """Press a button as the page does."""
        pressed = {"id": str(uuid4()), "entry": str(uuid4()), "action": "cancel", "image": "", **what}
        return await self.post("/press", json=pressed)

    async def post(self, path: str, **options: Any) -> Answer:
        """Post, and read the answer whole."""
        async with self.http.post(self.url + path, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    @asynccontextmanager
    async def announcing(self, size_bytes: int) -> AsyncGenerator[asyncio.StreamReader]:
        """A message of which only the headers are sent; what the service answers can be read."""
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST /say HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            f"Cookie: {self.cookie.key}={self.cookie.value}\r\nContent-Length: {size_bytes}\r\n\r\n".encode()
        )
        try:
            async with asyncio.timeout(10):
                yield reader
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[EventReader]:
        """An open event stream."""
        async with self.http.get(self.url + "/events", timeout=aiohttp.ClientTimeout()) as response:
            assert response.status == 200, await response.text()
            yield EventReader(response)


Visiting = Callable[[], Coroutine[Any, Any, Visit]]
"""Makes a browser that has opened the page."""
