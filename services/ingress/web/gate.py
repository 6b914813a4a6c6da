"""What every request has to pass before anything looks at it."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from services.ingress.web.origin import is_by_our_page, is_our_host
from services.ingress.web.problem import ProblemError

_HARMLESS = frozenset({"GET", "HEAD"})


def gate(hosts: frozenset[str]) -> Middleware:
    """Turns away requests for other hosts (421), and other sites' attempts to change something (403)."""

    @web.middleware
    async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if not is_our_host(host, hosts):
            raise ProblemError(421, "wrong-host")
        if request.method not in _HARMLESS and not is_by_our_page(request.headers, host):
            raise ProblemError(403, "not-by-our-page")
        return await handler(request)

    return pass_gate
