"""What the page posts to ``/say``, read in bounded memory and time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from aiohttp import BodyPartReader, ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Struct

from services.ingress.conversation import MAX_PICTURES
from services.ingress.picture_file import MAX_FILE_BYTES, too_large
from services.ingress.web.problem import ProblemError

MAX_TEXT_BYTES = 64 * 1024
MAX_FORM_BYTES = MAX_PICTURES * MAX_FILE_BYTES + 1024 * 1024
_MAX_PARTS = 16
_CHUNK_BYTES = 64 * 1024
_STALLED_S = 30.0
# How a browser names what is no file. To read that aiohttp takes a tenth of a millisecond each.
_FIELDS = {f'form-data; name="{name}"': name for name in ("id", "text", "reply_to")}

Take = Callable[[int], None]


class Form(Struct, frozen=True, kw_only=True):
    """
    One message.

    Attributes:
        request: The id the page gave it: posted again, it is the same message.
        text: As typed.
        reply_to: The picture that is meant.
        files: Files that came with it, as they came.
    """

    request: UUID
    text: str
    reply_to: UUID | None
    files: tuple[bytes, ...]


async def read_form(request: web.Request, take: Take) -> Form:
    """
    Read a message, and refuse it as soon as it is too much.

    Args:
        request: A POST of ``multipart/form-data``.
        take: Called with the size of what is about to be kept; may refuse.

    Raises:
        ProblemError, PictureFileError: It is no message, or too much of one. The rest was not read.
    """
    # Not by aiohttp's `content_type`, which asks the parser of e-mail: half a millisecond.
    media_type, _, _ = request.headers.get("Content-Type", "").partition(";")
    if media_type.strip().lower() != "multipart/form-data":
        raise ProblemError(415, "bad-request")
    if (request.content_length or 0) > MAX_FORM_BYTES:
        raise too_large()
    try:
        return await _read_parts(request, take)
    except (ValueError, LookupError, HttpProcessingError) as exc:
        raise ProblemError(400, "bad-request") from exc
    except TimeoutError as exc:
        raise ProblemError(408, "too-slow") from exc
    except (ClientPayloadError, ConnectionError) as exc:
        raise ProblemError(400, "upload-incomplete") from exc


async def _read_parts(request: web.Request, take: Take) -> Form:
    fields: dict[str, str] = {}
    files: list[bytes] = []
    parts = await request.multipart()
    for _ in range(_MAX_PARTS):
        async with asyncio.timeout(_STALLED_S):
            part = await parts.next()
        if part is None:
            return _form(fields, files)
        if not isinstance(part, BodyPartReader) or (name := _name(part)) is None:
            raise ProblemError(400, "bad-request")
        if name == "file":
            if len(files) == MAX_PICTURES:
                raise ProblemError(400, "too-many-pictures", {"most": str(MAX_PICTURES)})
            files.append(await _read(part, MAX_FILE_BYTES, take, too_large()))
        else:
            too_long = ProblemError(413, "text-too-long")
            fields[name] = (await _read(part, MAX_TEXT_BYTES, take, too_long)).decode()
    raise ProblemError(400, "bad-request")


def _name(part: BodyPartReader) -> str | None:
    return _FIELDS.get(part.headers.get("Content-Disposition", "")) or part.name


async def _read(part: BodyPartReader, most_bytes: int, take: Take, too_much: Exception) -> bytes:
    data = bytearray()
    while True:
        async with asyncio.timeout(_STALLED_S):
            chunk = await part.read_chunk(_CHUNK_BYTES)
        if not chunk:
            return bytes(data)
        if len(data) + len(chunk) > most_bytes:
            raise too_much
        take(len(chunk))
        data += chunk


def _form(fields: dict[str, str], files: list[bytes]) -> Form:
    """Raises ``ValueError`` for an id that is none."""
    reply_to = fields.get("reply_to", "")
    return Form(
        request=UUID(fields.get("id", "")),
        text=fields.get("text", ""),
        reply_to=UUID(reply_to) if reply_to else None,
        files=tuple(files),
    )
