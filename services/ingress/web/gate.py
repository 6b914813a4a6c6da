"""What every request passes on its way in, and every error on its way out."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from services.common.errors import ServiceError
from services.ingress.web.early import answer_early
from services.ingress.web.origin import is_by_our_page, is_our_host
from services.ingress.web.problem import ProblemError, problem_response

_HARMLESS = frozenset({"GET", "HEAD"})


def gate(hosts: frozenset[str], stopping: asyncio.Event) -> Middleware:
    """
    Turns away requests for other hosts (421), and other sites' attempts to change something (403).

    Expected errors are answered with their sentence; anything else is a bug, which aiohttp logs and
    answers with 500.
    """

    @web.middleware
    async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _look_at(request, hosts)
            return await handler(request)
        except ServiceError as exc:
            response = problem_response(exc)
            structlog.get_logger().info(
                "not done",
                method=request.method,
                route=_route(request),
                status=response.status,
                code=exc.code,
            )
            return await answer_early(request, response, stopping)

    return pass_gate


def _look_at(request: web.Request, hosts: frozenset[str]) -> None:
    host = request.headers.get("Host", "")
    if not is_our_host(host, hosts):
        raise ProblemError(421, "wrong-host")
    if request.method not in _HARMLESS and not is_by_our_page(request.headers, host):
        raise ProblemError(403, "not-by-our-page")


def _route(request: web.Request) -> str:
    """The route's pattern: a path may hold anything, and has no place in a log."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""
