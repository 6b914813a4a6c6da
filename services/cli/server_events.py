"""Server-sent events out of a stream of bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class ServerEvent(Struct, frozen=True, kw_only=True):
    """One event of the stream."""

    name: str
    data: str


class EventParser:
    """Fed with bytes as they come, in pieces of any size; comments and ids are skipped."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """The events that *piece* completes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for raw in lines:
            line = raw.removesuffix(b"\r").decode()
            if line:
                self._take(line)
            elif self._data:
                yield ServerEvent(name=self._name or "message", data="\n".join(self._data))
            if not line:
                self._name, self._data = "", []

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
