"""
What this process asks of the resolver and connects to, noted as it happens.

The observer looks now and then; what comes and goes in between is noted here: by Python's audit events,
which no code in Python gets around, and for uvloop, which resolves and connects below Python, by
``services.common.loop``.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from services.common.canary.proc_net import Endpoint, canonical, is_loopback

_NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_MOST = 1024

_on_purpose: ContextVar[bool] = ContextVar("on_purpose", default=False)


class Guard:
    """
    Counts and notes; nothing of what was asked for is kept.

    Attributes:
        names: Names that may be asked for, in small letters.
        asked: How many others were.
        reached: Where something was sent or connected to, other than on this machine.
        told: Where the names that may be asked for were found to be.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {"localhost", *(name.lower().rstrip(".") for name in names)}
        self.asked = 0
        self.reached: set[Endpoint] = set()
        self.told: set[Endpoint] = set()

    def is_told(self, host: object) -> bool:
        """Whether *host* is one of the names: where it leads is where this process is told to go."""
        return isinstance(host, str) and host.lower().rstrip(".") in self.names

    def may_ask(self, name: str) -> bool:
        """Whether *name* is no name, or one that may be asked for."""
        return not name or is_literal(name) or self.is_told(name)

    def note_name(self, host: object) -> None:
        """A host is about to be looked up."""
        text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if isinstance(text, str) and not self.may_ask(text):
            self.asked += 1

    def note_address(self, address: object) -> None:
        """Something is about to be sent to a socket address, or a connection to be made."""
        if not isinstance(address, tuple) or len(address) < 2:  # pyright: ignore[reportUnknownArgumentType]
            return  # a path on this machine
        host, port = str(address[0]), address[1]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if not is_literal(host):
            self.note_name(host)
        elif not is_loopback(host) and len(self.reached) < _MOST and not _on_purpose.get():
            self.reached.add((canonical(host), int(port)))  # pyright: ignore[reportUnknownArgumentType]


_guards: list[Guard] = []


def stand_guard(names: Iterable[str]) -> Guard:
    """Note from now on what this process does; of several guards the last one stands."""
    guard = Guard(names)
    _guards[:] = [guard]
    _hooked()
    return guard


@cache
def _hooked() -> None:
    sys.addaudithook(_hook)  # there is no taking it away


def guarding() -> Guard | None:
    """The guard that stands, if one does."""
    return _guards[0] if _guards else None


@contextmanager
def on_purpose() -> Generator[None]:
    """Connections that are attempted in this block are meant to be, in order to see them fail."""
    token = _on_purpose.set(True)
    try:
        yield
    finally:
        _on_purpose.reset(token)


def is_literal(host: str) -> bool:
    """Whether *host* is an address and no name."""
    try:
        canonical(host)
    except ValueError:
        return False
    return True


def _hook(event: str, args: tuple[Any, ...]) -> None:
    # Called for every import and open as well: the prefix first.
    if not event.startswith("socket.") or not _guards:
        return
    if event in _NAMES:
        _guards[0].note_name(args[0])
    elif event == "socket.gethostbyaddr":
        if not is_literal(str(args[0])) or not is_loopback(str(args[0])):
            _guards[0].asked += 1
    elif event in _SENDING and len(args) > 1:
        _guards[0].note_address(args[1])
