"""Requests that are not done: what status they get, and the sentence."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from services.common.errors import RejectedError, RetryableError, ServiceError
from services.ingress.intent import Say
from services.ingress.picture_file import PictureFileError
from services.ingress.web.wording import sentence

_RETRY_AFTER_S = 2
_STATUS = {"too-large": 413, "unsupported-file": 415}


class ProblemError(RejectedError):
    """A request that is answered with a sentence instead of being done."""

    def __init__(self, status: int, code: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(code, code=code)
        self.status = status
        self.details = details or {}


def said_instead(say: Say) -> ProblemError:
    """What was typed can't be meant: the sentence is the answer, and nothing was kept."""
    return ProblemError(400, say.code, say.details)


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer an expected error with its code and sentence; anything else is a bug and answered with 500."""
    try:
        return await handler(request)
    except ServiceError as exc:
        status, details = _seen_as(exc)
        route = request.match_info.route.resource
        structlog.get_logger().info(
            "not done", route=route.canonical if route else "", status=status, code=exc.code
        )
        return _response(status, exc.code, details)


def _seen_as(error: ServiceError) -> tuple[int, Mapping[str, str]]:
    match error:
        case ProblemError():
            return error.status, error.details
        case PictureFileError():
            return _STATUS.get(error.code, 400), error.details
        case RetryableError():
            return 503, {}
        case _:
            return 400, {}


def _response(status: int, code: str, details: Mapping[str, str]) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if status in {429, 503}:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    return web.Response(
        status=status,
        headers=headers,
        body=msgspec.json.encode({"code": code, "error": sentence(code, details)}),
        content_type="application/json",
    )
