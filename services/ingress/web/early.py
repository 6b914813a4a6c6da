"""Answering a request of which the body was not read to its end."""

from __future__ import annotations

import asyncio

from aiohttp import ClientPayloadError, web

from services.ingress.web.ending import before_stopping
from services.ingress.web.problem import ProblemError

_DISCARD_S = 60.0
_GRACE_S = 1.0


async def answer_early(request: web.Request, response: web.Response, stopping: asyncio.Event) -> web.Response:
    """
    Answer, then read on and throw away what comes, for a while.

    A browser looks for the answer only after it has sent all of its request; cut off before that, it may
    show the person an error of the connection instead of our sentence.
    """
    if request.content.is_eof():
        return response
    response.force_close()
    await response.prepare(request)
    await response.write_eof()
    try:
        async with asyncio.timeout(_DISCARD_S):
            await before_stopping(_discard(request), stopping, grace_s=_GRACE_S)
    except (ClientPayloadError, ConnectionError, TimeoutError, ProblemError):
        pass  # whoever is still sending now is cut off
    return response


async def _discard(request: web.Request) -> None:
    while not request.content.at_eof():
        await request.content.readany()
