"""The web chat as a program sees it: the same requests that the page makes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, FormData
from msgspec import Struct

from services.cli.server_events import EventParser
from services.common.errors import RejectedError, UnavailableError

_REQUEST_TIMEOUT = ClientTimeout(total=60)
_SILENCE = ClientTimeout(total=None, sock_read=60)  # the server pings far more often


class ChatRefusedError(RejectedError):
    """The chat did not take it; the message is its own sentence."""

    code = "chat-refused"


class ShownPicture(Struct, frozen=True, kw_only=True):
    """A picture, video or sound of an entry, where its bytes are, and what its file is to be called."""

    id: str
    url: str
    mime: str
    file: str


class ShownEntry(Struct, frozen=True, kw_only=True):
    """An entry as the page gets it; what the page needs and we don't is left out."""

    id: str
    status: str
    text: str = ""
    pictures: tuple[ShownPicture, ...] = ()


class ShownProgress(Struct, frozen=True, kw_only=True):
    """How far a running entry is."""

    id: str
    percent: float | None = None
    text: str = ""


class _History(Struct, frozen=True, kw_only=True):
    entries: tuple[ShownEntry, ...]


class _Said(Struct, frozen=True, kw_only=True):
    id: str


class _Refusal(Struct, frozen=True, kw_only=True):
    error: str = "Darkroom did not accept this."


class WebChat:
    """One visitor of the chat, with a session of its own. Made by ``visiting``."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def say(self, text: str, pictures: Sequence[bytes] = ()) -> str:
        """
        Say something, with pictures; returns the id of the entry that answers it.

        Raises:
            ChatRefusedError: It was not taken.
        """
        form = FormData({"id": str(uuid4()), "text": text, "reply_to": ""}, default_to_multipart=True)
        for picture in pictures:
            form.add_field("file", picture, filename="picture")
        headers = {"Origin": self._url}
        async with self._http.post(f"{self._url}/say", data=form, headers=headers) as response:
            body = await response.read()
            if response.status >= 300:
                raise ChatRefusedError(_reason(body))
            return msgspec.json.decode(body, type=_Said).id

    async def events(self) -> AsyncGenerator[ShownEntry | ShownProgress]:
        """
        What changes in this session, for ever; what stood there before comes first.

        Raises:
            UnavailableError: The line broke.
        """
        parser = EventParser()
        headers = {"Accept": "text/event-stream"}
        async with self._http.get(f"{self._url}/events", headers=headers, timeout=_SILENCE) as response:
            response.raise_for_status()
            async for piece in response.content.iter_any():
                for event in parser.feed(piece):
                    match event.name:
                        case "history":
                            for entry in msgspec.json.decode(event.data, type=_History).entries:
                                yield entry
                        case "entry":
                            yield msgspec.json.decode(event.data, type=ShownEntry)
                        case "progress":
                            yield msgspec.json.decode(event.data, type=ShownProgress)
                        case _:
                            continue
        raise UnavailableError("The chat closed the line.")

    async def fetch(self, picture: ShownPicture) -> bytes:
        """A picture's bytes."""
        async with self._http.get(f"{self._url}{picture.url}") as response:
            response.raise_for_status()
            return await response.read()


@asynccontextmanager
async def visiting(url: str) -> AsyncGenerator[WebChat]:
    """
    Open the page at *url* as a new visitor.

    Raises:
        UnavailableError: It does not answer, then or later inside the block.
    """
    jar = CookieJar(unsafe=True)  # "unsafe" is about addresses without a name, which loopback is
    try:
        async with ClientSession(cookie_jar=jar, timeout=_REQUEST_TIMEOUT, trust_env=False) as http:
            async with http.get(f"{url}/") as response:
                response.raise_for_status()
            yield WebChat(http, url)
    except (ClientError, TimeoutError) as exc:
        raise UnavailableError(f"The web chat at {url} does not answer: {exc or type(exc).__name__}") from exc


def _reason(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except msgspec.DecodeError:
        return _Refusal().error
