"""Asking a process on this machine whether it is ready."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from msgspec import Struct

from services.common.health import Check

_TIMEOUT_S = 4.0
_HOST = "127.0.0.1"


class Readiness(Struct, frozen=True, kw_only=True):
    """The answer of ``/readyz``: by name, what is missing."""

    ready: bool
    failing: dict[str, str] = {}


def readyz(port: int) -> Check:
    """A check that ``/readyz`` on *port* says ready."""

    async def check() -> str:
        try:
            said = await ask(port)
        except (OSError, TimeoutError, msgspec.DecodeError):
            return "no answer yet"
        return "; ".join(f"{name}: {missing}" for name, missing in sorted(said.failing.items()))

    return check


def answers(port: int, path: str) -> Check:
    """A check that a ``GET`` of *path* on *port* succeeds."""

    async def check() -> str:
        try:
            head, _ = await _get(port, path)
        except (OSError, TimeoutError):
            return "no answer yet"
        status = head.partition(b"\r\n")[0].decode("latin-1")
        return "" if " 200" in status else f"answers {status!r}"

    return check


async def ask(port: int) -> Readiness:
    """
    What ``/readyz`` on *port* answers.

    Raises:
        OSError: Nobody listens there.
        TimeoutError: No answer in time.
        msgspec.DecodeError: Not one of ours.
    """
    _, body = await _get(port, "/readyz")
    return msgspec.json.decode(body, type=Readiness)


async def _get(port: int, path: str) -> tuple[bytes, bytes]:
    """Status line with headers, and body."""
    async with asyncio.timeout(_TIMEOUT_S):
        reader, writer = await asyncio.open_connection(_HOST, port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {_HOST}:{port}\r\n\r\n".encode())
            answer = await reader.read()
        finally:
            await closed(writer)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever its other end has done."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
