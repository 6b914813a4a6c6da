"""The answer to what was submitted."""

from __future__ import annotations

from uuid import UUID

import msgspec
from aiohttp import web

from services.ingress.intent import Say
from services.ingress.web.problem import said_instead


def accepted(outcome: UUID | Say) -> web.Response:
    """202 and the id of the entry that will show what comes of it; raises ``ProblemError`` for a sentence."""
    if isinstance(outcome, Say):
        raise said_instead(outcome)
    return web.Response(
        status=202,
        body=msgspec.json.encode({"id": outcome}),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
