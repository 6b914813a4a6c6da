"""One way to a ComfyUI, and what is timed on it: the same requests, whatever lies between."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import aiohttp

from services.common.errors import RejectedError, UnavailableError

MIB = 1024 * 1024
FILE = "darkroom-bench.png"
"""Always the same, and overwritten: a measurement leaves one file in the input folder, and no more."""

_TIMEOUT = aiohttp.ClientTimeout(total=600, sock_read=120)
_PIECE_BYTES = 64 * 1024


class Way:
    """
    A client of one ComfyUI. Every method returns seconds.

    Args:
        session: Its connections.
        base: Of ComfyUI's routes, as this way has them.
        headers: Of each request.

    Raises:
        UnavailableError: The backend does not answer, or broke off.
        RejectedError: It answers as no ComfyUI does.
    """

    def __init__(self, session: aiohttp.ClientSession, base: str, headers: dict[str, str]) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self._headers = headers

    async def small(self) -> float:
        """The smallest question there is."""
        began_s = time.perf_counter()
        with _told():
            async with self._session.get(f"{self._base}/prompt", headers=self._headers) as answer:
                _expect(answer)
                await answer.read()
        return time.perf_counter() - began_s

    async def up(self, data: bytes) -> float:
        """Upload *data*, until it is answered."""
        form = aiohttp.FormData({"overwrite": "true"})
        form.add_field("image", data, filename=FILE, content_type="image/png")
        began_s = time.perf_counter()
        with _told():
            async with self._session.post(
                f"{self._base}/upload/image", data=form, headers=self._headers
            ) as answer:
                _expect(answer)
                await answer.read()
        return time.perf_counter() - began_s

    async def down(self, size_bytes: int) -> float:
        """Download what was uploaded, which has *size_bytes*."""
        had = 0
        began_s = time.perf_counter()
        with _told():
            async with self._session.get(
                f"{self._base}/view", params={"filename": FILE, "type": "input"}, headers=self._headers
            ) as answer:
                _expect(answer)
                async for piece in answer.content.iter_chunked(_PIECE_BYTES):
                    had += len(piece)
        took_s = time.perf_counter() - began_s
        if had != size_bytes:
            raise RejectedError(f"The file came back with {had} bytes, and not {size_bytes}.")
        return took_s

    async def socket(self) -> float:
        """Open a WebSocket, until its first message."""
        began_s = time.perf_counter()
        with _told():
            async with self._session.ws_connect(
                f"{self._base}/ws", params={"clientId": uuid4().hex}, headers=self._headers
            ) as socket:
                await socket.receive(timeout=_TIMEOUT.sock_read)
                return time.perf_counter() - began_s


@asynccontextmanager
async def way(base: str, connector: aiohttp.BaseConnector, headers: dict[str, str]) -> AsyncGenerator[Way]:
    """A way of its own, over *connector*, while the block runs."""
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=False) as session:
        yield Way(session, base, headers)


def _expect(answer: aiohttp.ClientResponse) -> None:
    if answer.status != 200:
        said = answer.headers.get("Darkroom-Error", "")
        kind = UnavailableError if answer.status >= 500 else RejectedError
        raise kind(f"The backend answered {answer.status} {said}".rstrip() + ".")


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise UnavailableError(f"The backend is out of reach: {str(exc) or type(exc).__name__}.") from exc
