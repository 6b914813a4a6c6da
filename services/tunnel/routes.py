"""The allow-list: each ComfyUI route that Darkroom uses, with its method and the names in its query."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import Enum
from urllib.parse import quote

from msgspec import Struct

from services.tunnel.backends import Backend
from services.tunnel.errors import RouteRefusedError


class Body(Enum):
    """What a route's request body may be."""

    NONE = "none"
    STREAMED = "streamed"
    """Passed on as it comes, unread."""
    DELETE = "delete"
    """Small JSON that names what to delete, and can't clear everyone's."""
    INTERRUPT = "interrupt"
    """Small JSON that names one prompt, and can't stop whichever runs."""
    PURGE = "purge"
    """Small JSON that names one prompt and the inputs it used."""


class Route(Struct, frozen=True, kw_only=True):
    """One line of the allow-list."""

    method: str
    path: str
    """As ComfyUI has it; ``{name}`` stands for one segment."""
    query: frozenset[str] = frozenset()
    body: Body = Body.NONE
    websocket: bool = False

    @property
    def name(self) -> str:
        """What logs and metrics call it; holds nothing from the request."""
        return f"{self.method} {self.path}"


Answer = Callable[[bytes], Awaitable[bytes]]


class Passage(Struct, frozen=True, kw_only=True):
    """Leave for one request to pass."""

    backend: Backend
    route: Route
    url: str
    """What to ask the backend for, path and query written anew from the parsed parts."""
    here: Answer | None = None
    """Answers it here, out of the checked body, with JSON; for what the backend itself does not have."""
    body_max_bytes: int | None = None
    """A larger body is refused."""
    sees: Callable[[bytes], None] | None = None
    """Looks at a streamed body's pieces as they pass."""


_VIEW = frozenset({"filename", "subfolder", "type", "preview", "channel"})

ROUTES = (
    Route(method="GET", path="/ws", query=frozenset({"clientId"}), websocket=True),
    Route(method="POST", path="/upload/image", body=Body.STREAMED),
    Route(method="GET", path="/prompt"),
    Route(method="POST", path="/prompt", body=Body.STREAMED),
    Route(method="GET", path="/queue"),
    Route(method="POST", path="/queue", body=Body.DELETE),
    Route(method="GET", path="/history", query=frozenset({"max_items", "offset"})),
    Route(method="GET", path="/history/{prompt}"),
    Route(method="POST", path="/history", body=Body.DELETE),
    Route(method="GET", path="/view", query=_VIEW),
    Route(method="HEAD", path="/view", query=_VIEW),
    Route(method="POST", path="/interrupt", body=Body.INTERRUPT),
    Route(method="POST", path="/free", body=Body.STREAMED),
    Route(method="GET", path="/system_stats"),
    Route(method="GET", path="/features"),
    Route(method="GET", path="/object_info"),
    Route(method="GET", path="/object_info/{node}"),
    Route(method="GET", path="/models"),
    Route(method="GET", path="/models/{folder}"),
    # Not ComfyUI's: a tunnel in its host role, beside it, answers these itself.
    Route(method="GET", path="/darkroom/host"),
    Route(method="POST", path="/darkroom/purge", body=Body.PURGE),
)

# Node types are named by their authors: "KSampler (Efficient)" is one. Ids and folders are plain.
_VARIABLES = {
    "{prompt}": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "{folder}": re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}"),
    "{node}": re.compile(r".{1,200}"),
}


def find_passage(
    backend: Backend, method: str, segments: tuple[str, ...], query: tuple[tuple[str, str], ...]
) -> Passage:
    """
    Find the route of a request to *backend*; *segments* is its path without the backend's name.

    Raises:
        RouteRefusedError: No route of the list is meant, or its query holds a name that is not on it.
    """
    for route in ROUTES:
        if route.method == method and _fits(route.path, segments):
            names = [name for name, _ in query]
            if len(set(names)) != len(names) or not route.query.issuperset(names):
                allowed = ", ".join(sorted(route.query)) or "none"
                raise RouteRefusedError(f"In the query of {route.name} may stand, each once: {allowed}.")
            return Passage(backend=backend, route=route, url=backend.origin + _written(segments, query))
    raise RouteRefusedError("This method and route are not on the tunnel's allow-list.")


def _fits(path: str, segments: tuple[str, ...]) -> bool:
    parts = path[1:].split("/")
    return len(parts) == len(segments) and all(
        _VARIABLES[part].fullmatch(segment) if part in _VARIABLES else part == segment
        for part, segment in zip(parts, segments, strict=True)
    )


def _written(segments: tuple[str, ...], query: tuple[tuple[str, str], ...]) -> str:
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query)
    return f"{path}?{pairs}" if pairs else path
