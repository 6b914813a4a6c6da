"""A request target, read strictly: one spelling per meaning, everything else refused."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from services.tunnel.errors import RouteRefusedError

# RFC 3986's origin form without empty segments: neither "//" nor "\", "#", "*" or "http://…" fits.
_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
_PATH = re.compile(rf"(?:/{_SEGMENT})+")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]-]|%[0-9A-Fa-f]{2})*")
# A decoded "/", "\" or "%" would be a path of its own to whoever decodes once more.
_PATH_IN_SEGMENT = re.compile(r"[/\\%]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Target(Struct, frozen=True, kw_only=True):
    """A target's decoded parts."""

    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]


def parse_target(raw: str) -> Target:
    """
    Read *raw*, the target as it stood in the request line.

    Raises:
        RouteRefusedError: It is not in origin form, or a part could be read as something else.
    """
    path, _, query = raw.partition("?")
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        raise RouteRefusedError("The request target is not a plain path.")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return Target(
        segments=tuple(_segment(part) for part in path[1:].split("/")),
        query=tuple((_decoded(name), _decoded(value.replace("+", " "))) for name, _, value in pairs),
    )


def _segment(raw: str) -> str:
    segment = _decoded(raw)
    if segment in {".", ".."} or _PATH_IN_SEGMENT.search(segment):
        raise RouteRefusedError("The request target holds a path inside a path.")
    return segment


def _decoded(raw: str) -> str:
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as exc:
        raise RouteRefusedError("The request target is not UTF-8.") from exc
    if _CONTROL.search(text):
        raise RouteRefusedError("The request target holds a control character.")
    return text
