"""What is asked of the tunnel itself, below ``/-/``: how it is, a new identity, its keys read again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
from aiohttp import web
from msgspec import Struct

from schemas.facts import EgressChecked
from services.tunnel import headers
from services.tunnel.answers import told
from services.tunnel.errors import BusyError, RefusedError, RouteRefusedError, WayError

OWN = "-"
"""The first segment of these routes' paths; no backend can be called that."""

_PREFIX = f"/{OWN}"


class Trouble(Struct, frozen=True, kw_only=True):
    """An error of one backend's."""

    code: str
    error: str
    at: float
    """Unix time, in seconds."""


class Daemon(Protocol):
    """``anon``, as far as it is asked here."""

    @property
    def flavour(self) -> Struct:
        """Which program."""
        ...

    @property
    def life(self) -> Struct:
        """How it is."""
        ...

    @property
    def socks(self) -> tuple[str, int]:
        """Where its SOCKS port listens, on this machine; raises ``TunnelDownError``."""
        ...

    async def new_identity(self) -> None:
        """Have new circuits for everything that begins from now on; raises ``TunnelDownError``."""
        ...

    async def reload(self) -> None:
        """Have it read the keys for backends again; raises ``TunnelDownError``."""
        ...

    async def report(self) -> Struct:
        """Circuits, streams and bytes, as far as it answers."""
        ...


class OwnRoutes:
    """
    The tunnel's own routes.

    Args:
        mode: As ``DARKROOM_TUNNEL``.
        backends: Their names.
        daemon: None in direct mode.
        kept: How many circuits are kept.

    Attributes:
        checked: Says what the last check for ways around the tunnel came to; nothing before the first.
    """

    def __init__(
        self,
        mode: str,
        backends: Iterable[str],
        daemon: Daemon | None = None,
        kept: Callable[[], int] | None = None,
    ) -> None:
        self.checked: Callable[[], EgressChecked | None] = lambda: None
        self._mode = mode
        self._daemon = daemon
        self._kept = kept
        self._troubles: dict[str, Trouble | None] = dict.fromkeys(backends)

    def note(self, backend: str, error: RefusedError | BusyError | WayError) -> None:
        """What was last wrong with a backend; what was wrong with a request is not."""
        if backend in self._troubles and isinstance(error, WayError):
            self._troubles[backend] = Trouble(code=error.code, error=str(error), at=time.time())

    async def answer(self, request: web.BaseRequest, route: tuple[str, ...]) -> tuple[str, web.Response]:
        """
        Answer *request* for *route*, its path without the first segment.

        Returns:
            What logs and metrics call the route, and the answer.

        Raises:
            RouteRefusedError: There is no such route, or a browser's page asks.
            TunnelDownError: ``anon`` is not up.
        """
        if headers.from_browser(request.headers, websocket=False):
            raise RouteRefusedError("The tunnel answers Darkroom, not pages in a browser.")
        match request.method, route:
            case "GET", ("status",):
                return f"GET {_PREFIX}/status", told(await self._status())
            case "POST", ("new-identity",):
                if self._daemon is None:
                    raise RouteRefusedError("DARKROOM_TUNNEL=direct: there is no identity to change.")
                await self._daemon.new_identity()
                return f"POST {_PREFIX}/new-identity", told({"ok": True})
            case "POST", ("reload",):
                if self._daemon is None:
                    raise RouteRefusedError("DARKROOM_TUNNEL=direct: there are no keys to read.")
                await self._daemon.reload()
                return f"POST {_PREFIX}/reload", told({"ok": True})
            case _:
                raise RouteRefusedError(
                    f"Of the tunnel itself are asked {_PREFIX}/status, by GET, {_PREFIX}/new-identity and "
                    f"{_PREFIX}/reload, by POST."
                )

    async def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = {"mode": self._mode, "backends": self._troubles}
        if (found := self.checked()) is not None:
            reason = "" if found.code == found.verdict else found.code
            verdict = {"verdict": found.verdict, "reason": reason, "at": found.at.timestamp()}
            status["egress"] = {found.position: verdict}
        if self._daemon is not None:
            status["flavour"] = self._daemon.flavour
            status["life"] = self._daemon.life
            status["kept"] = self._kept() if self._kept else 0
            status["report"] = await self._daemon.report()
            try:
                status["socks"] = self._daemon.socks
            except WayError:
                status["socks"] = None
        return msgspec.to_builtins(status)
