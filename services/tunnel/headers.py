"""
Which headers pass, each way: lists of what may, so that a header nobody thought of identifies nobody.

Gone from requests, then: Origin, Referer, Cookie, Authorization, User-Agent, Accept-Language, Forwarded and
X-Forwarded-*, and the hop-by-hop ones. ``Darkroom-Chain`` ends here as well: which image chain a request
belongs to is for the tunnel to know. Gone from answers: Set-Cookie, Server, Location, Access-Control-*.
"""

from __future__ import annotations

from multidict import CIMultiDict, CIMultiDictProxy

from services.tunnel.errors import ERROR_HEADER, HOST_CODES

_TO_BACKEND = frozenset(
    {
        "accept",
        "accept-encoding",
        "content-encoding",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
    }
)
_TO_CLIENT = frozenset(
    {
        "accept-ranges",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "last-modified",
        "retry-after",
        "vary",
    }
)

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


def to_backend(headers: Headers) -> CIMultiDict[str]:
    """The request headers that pass; length and Host are the connection's to write."""
    return _only(_TO_BACKEND, headers)


def to_client(headers: Headers) -> CIMultiDict[str]:
    """
    The response headers that pass.

    A tunnel's own answer is known by its code. One at the other end may tell how the ComfyUI beside it is;
    how this tunnel is, nobody there can say.
    """
    passing = _only(_TO_CLIENT, headers)
    code = headers.get(ERROR_HEADER)
    if code in HOST_CODES:
        passing[ERROR_HEADER] = code
    return passing


def from_browser(headers: Headers, *, websocket: bool) -> bool:
    """
    True when a browser page sent this.

    ComfyUI turns other sites' pages away by their Origin. Since the tunnel takes that header off, it has to
    turn them away itself, or any page could order pictures through a tunnel on its reader's machine.
    """
    return "Sec-Fetch-Site" in headers or (websocket and "Origin" in headers)


def _only(allowed: frozenset[str], headers: Headers) -> CIMultiDict[str]:
    named = {name.strip().lower() for value in headers.getall("Connection", []) for name in value.split(",")}
    passing = allowed - named
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() in passing)
