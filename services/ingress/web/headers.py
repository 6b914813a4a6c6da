"""What every response says to the browser about what it may do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_FEATURES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi", "display-capture")

PROTECTION = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in _SOURCES.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "Referrer-Policy": "no-referrer",
    # Not which software at which version, as aiohttp would say.
    "Server": "darkroom",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def announce(onion: str) -> Signal:
    """
    Tell browsers that come by another way where the page is as a hidden service, at *onion*.

    The header has its name from Tor Browser, which offers the other way; who is there already is not told.
    """

    async def hint(request: web.Request, response: web.StreamResponse) -> None:
        if response.content_type == "text/html" and request.headers.get("Host", "").lower() != onion:
            response.headers["Onion-Location"] = f"http://{onion}{request.rel_url.raw_path}"

    return hint


async def protect(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the protection on a response that is about to be sent, whoever made it."""
    response.headers.update(PROTECTION)
