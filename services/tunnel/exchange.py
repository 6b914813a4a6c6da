"""One HTTP exchange, streamed both ways in constant memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiohttp import ClientResponse, web
from multidict import CIMultiDict

from services.tunnel import headers
from services.tunnel.account import Account
from services.tunnel.bodies import CHECKED_BODY_MAX_BYTES, checked_body
from services.tunnel.errors import BodyRefusedError, BodyTooLargeError, WayError
from services.tunnel.routes import Answer, Body, Passage
from services.tunnel.stall import Party, Stall
from services.tunnel.upstream import Upstream

SERVER = "darkroom"
"""What the tunnel calls itself in ``Server``, instead of naming its libraries' versions."""


async def exchange(
    request: web.BaseRequest,
    passage: Passage,
    upstream: Upstream,
    stall: Stall,
    account: Account,
) -> web.StreamResponse:
    """
    Send *request* on and its answer back.

    ``account.status`` is set once the answer's headers are out: an error after that has left a body half
    sent, and the caller must abort the connection.

    Raises:
        RefusedError: The body may not pass.
        WayError: The backend failed, before or in the answer.
    """
    outgoing = headers.to_backend(request.headers)
    body = await _body(request, passage, outgoing, stall, account)
    if passage.here is not None:
        return await _answered_here(request, passage.here, body, account)
    try:
        begun = await upstream.send(passage.route.method, passage.url, outgoing, body)
    except WayError:
        _refuse_too_large(account.bytes_up, passage)  # what broke off was our own reading
        raise
    async with begun as answer:
        stall.answered()
        stall.awaits(Party.BACKEND)
        chunk = await upstream.read(answer)
        response = _begun(answer, chunk)
        account.status = answer.status
        stall.awaits(Party.CLIENT)
        await response.prepare(request)
        if isinstance(response, web.Response):
            account.add_down(len(chunk))
        else:
            while chunk:
                await response.write(chunk)
                account.add_down(len(chunk))
                stall.awaits(Party.BACKEND)
                chunk = await upstream.read(answer)
                stall.awaits(Party.CLIENT)
        await response.write_eof()
    account.ended = "ok"
    return response


async def _answered_here(
    request: web.BaseRequest, here: Answer, body: AsyncGenerator[bytes] | bytes | None, account: Account
) -> web.StreamResponse:
    said = await here(body if isinstance(body, bytes) else b"")
    response = web.Response(
        body=said, content_type="application/json", headers={"Server": SERVER, "Cache-Control": "no-store"}
    )
    account.status = response.status
    await response.prepare(request)
    account.add_down(len(said))
    await response.write_eof()
    account.ended = "ok"
    return response


def _refuse_too_large(size_bytes: int, passage: Passage) -> None:
    most = passage.body_max_bytes
    if most is not None and size_bytes > most:
        raise BodyTooLargeError(f"{passage.route.name} takes at most {most} bytes here.")


def _begun(answer: ClientResponse, chunk: bytes) -> web.StreamResponse:
    """The response: complete if *chunk* is known to be all of its body, so that it goes out in one write."""
    passing = headers.to_client(answer.headers)
    passing["Server"] = SERVER
    if answer.content_length is not None and answer.content.at_eof():
        return web.Response(status=answer.status, reason=answer.reason, headers=passing, body=chunk)
    return web.StreamResponse(status=answer.status, reason=answer.reason, headers=passing)


async def _body(
    request: web.BaseRequest, passage: Passage, outgoing: CIMultiDict[str], stall: Stall, account: Account
) -> AsyncGenerator[bytes] | bytes | None:
    route = passage.route
    rule = route.body
    if rule is Body.NONE:
        if request.body_exists:
            raise BodyRefusedError(f"{route.name} takes no body.")
        return None
    _refuse_too_large(request.content_length or 0, passage)
    incoming = _chunks(request, passage, stall, account)
    if rule is Body.STREAMED:
        if not request.body_exists:
            return None
        length = request.headers.get("Content-Length")
        if length is not None:
            outgoing["Content-Length"] = length
        return incoming
    data = bytearray()
    async for chunk in incoming:
        data += chunk
        if len(data) > CHECKED_BODY_MAX_BYTES:
            raise BodyRefusedError(f"{route.name} takes at most {CHECKED_BODY_MAX_BYTES} bytes.")
    outgoing.popall("Content-Encoding", None)  # what goes out is written anew, as plain JSON
    return checked_body(rule, bytes(data))


async def _chunks(
    request: web.BaseRequest, passage: Passage, stall: Stall, account: Account
) -> AsyncGenerator[bytes]:
    """The request's body, read no sooner than it is asked for."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        # Only now is it known that the body is wanted: the route may pass and the backend is there.
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer proper has not begun
    while True:
        stall.awaits(Party.CLIENT)
        chunk = await request.content.readany()
        stall.awaits(Party.BACKEND)
        if not chunk:
            return
        account.add_up(len(chunk))
        _refuse_too_large(account.bytes_up, passage)
        if passage.sees is not None:
            passage.sees(chunk)
        yield chunk
