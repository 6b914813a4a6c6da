"""Requests that are not done: what status they get, and which sentence."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from services.common.errors import RejectedError, RetryableError, ServiceError
from services.ingress.intent import Say
from services.ingress.picture_file import PictureFileError
from services.ingress.web.wording import sentence

_RETRY_AFTER_S = 2
_STATUS = {"too-large": 413} | dict.fromkeys(
    ("audio-file", "moving-picture", "unsupported-file", "video-file"), 415
)


class ProblemError(RejectedError):
    """A request that is answered with a sentence instead of being done."""

    def __init__(self, status: int, code: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(code, code=code)
        self.status = status
        self.details = details or {}


def said_instead(say: Say) -> ProblemError:
    """What was typed can't be meant: the sentence is the answer, and nothing was kept."""
    return ProblemError(400, say.code, say.details)


def problem_response(error: ServiceError) -> web.Response:
    """The error's status, code and sentence."""
    status, details = _seen_as(error)
    headers = {"Cache-Control": "no-store"}
    if status in {429, 503}:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    return web.Response(
        status=status,
        headers=headers,
        body=msgspec.json.encode({"code": error.code, "error": sentence(error.code, details)}),
        content_type="application/json",
    )


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
