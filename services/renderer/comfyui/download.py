"""Fetching an output file over a connection that may break at any byte."""

from __future__ import annotations

import re
from io import BytesIO

import aiohttp

from services.renderer.comfyui.outputs import OutputFile
from services.renderer.comfyui.transport import MIB, Transport
from services.renderer.errors import AttemptFailedError, BackendDownError, UnexpectedAnswerError

FILE_BYTES_MAX = 256 * MIB
"""Past anything the workflows make; a backend that sends more is not listened to."""

_IDLE_S = 30.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Download:
    """
    One file. What has arrived is kept when the connection breaks, and asked for no more.

    Args:
        transport: To the backend that has it.
        file: Which.
        bytes_max: What is larger is not fetched.
    """

    def __init__(self, transport: Transport, file: OutputFile, bytes_max: int = FILE_BYTES_MAX) -> None:
        self._transport = transport
        self._bytes_max = bytes_max
        self._params = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        # Its bytes are handed out without being copied, however many they are.
        self._data = BytesIO()
        self._etag = ""

    async def whole(self) -> bytes:
        """
        The file's bytes; connections that break are replaced as long as each brings something.

        Raises:
            AttemptFailedError: The file is gone (``no-output``) or too large (``output-too-large``).
            BackendDownError, UnexpectedAnswerError: No connection brought anything; call again to go on.
        """
        while True:
            held = self._data.tell()
            try:
                await self._advance()
            except BackendDownError:
                if self._data.tell() == held:
                    raise
            else:
                return self._data.getvalue()

    async def _advance(self) -> None:
        headers: dict[str, str] = {}
        if held := self._data.tell():
            # Without the tag a file that was replaced meanwhile would be glued to the old one's start.
            headers["Range"] = f"bytes={held}-"
            if self._etag:
                headers["If-Range"] = self._etag
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_IDLE_S, sock_read=_IDLE_S)
        async with self._transport.opened(
            "GET", "/view", params=self._params, headers=headers, timeout=timeout
        ) as response:
            self._begin(response)
            async for piece in response.content.iter_chunked(256 * 1024):
                self._data.write(piece)
                self._require_small(self._data.tell())

    def _begin(self, response: aiohttp.ClientResponse) -> None:
        if response.status == 404:
            raise AttemptFailedError("no-output", retryable=True)
        if response.status == 206:
            span = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
            if span is None or int(span.group(1)) != self._data.tell():
                self._forget()
                raise UnexpectedAnswerError("/view answered another range than was asked for")
            return
        self._forget()
        if response.status != 200:
            # 416 among them: the file has become shorter. The next try starts anew.
            raise UnexpectedAnswerError(f"/view answered {response.status}")
        self._require_small(response.content_length or 0)
        self._etag = response.headers.get("ETag", "")

    def _forget(self) -> None:
        self._data.seek(0)
        self._data.truncate()

    def _require_small(self, size_bytes: int) -> None:
        if size_bytes > self._bytes_max:
            raise too_large(self._bytes_max)


def too_large(limit_bytes: int) -> AttemptFailedError:
    """It will not be smaller another time."""
    details = {"limit": f"{limit_bytes // MIB} MiB"}
    return AttemptFailedError("output-too-large", retryable=False, details=details)
