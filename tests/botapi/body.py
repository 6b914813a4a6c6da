"""An HTTP request, opened: the method's checked arguments and the files that came along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web

from tests.botapi.kinds import File, Need, check_fields
from tests.botapi.methods import METHODS
from tests.botapi.refusal import RefusedError, ViolationError

FIELDS_LIMIT_BYTES = 1024 * 1024
CHUNK_BYTES = 1 << 16
ATTACH = "attach://"
NOT_UTF8 = "strings must be encoded in UTF-8"


@dataclass(frozen=True)
class Upload:
    """One uploaded part."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """One call of a method: arguments by name, uploads by part name."""

    method: str
    args: dict[str, Any]
    uploads: dict[str, Upload]


async def read_call(request: web.Request, method: str, *, limit_bytes: int) -> Call:
    """Open *request* and check it against the table, or raise ViolationError; no file may be larger."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    form = True
    if request.content_type == "multipart/form-data":
        fields, uploads = await _read_multipart(await request.multipart(), limit_bytes)
        values |= fields
    elif request.content_type == "application/json":
        values |= _json_object(await _limited(request))
        form = False
    elif request.content_type == "application/x-www-form-urlencoded":
        values |= _form_fields(await _limited(request))
    elif request.can_read_body and await _limited(request):
        raise ViolationError(f"unsupported content type {request.content_type}")

    table = METHODS[method]
    for name in uploads:
        spec = table.get(name)
        if isinstance(spec.kind if isinstance(spec, Need) else spec, File):
            values.setdefault(name, ATTACH + name)
    args = check_fields(table, values, method, text=form)
    _match_uploads(args, uploads)
    return Call(method, args, uploads)


async def _limited(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ViolationError("Request Entity Too Large", code=413) from None


def _form_fields(data: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(data.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise ViolationError(NOT_UTF8) from None


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        raise ViolationError("can't parse JSON in the request body") from None
    if not isinstance(value, dict):
        raise ViolationError("the request body must be a JSON object")
    return value


async def _read_multipart(
    reader: MultipartReader, limit_bytes: int
) -> tuple[dict[str, str], dict[str, Upload]]:
    """Read to the end even when it is too much: a client still sending could not hear the answer."""
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    size_bytes = 0
    async for part in reader:
        if (
            not isinstance(part, BodyPartReader)
            or not part.name
            or part.name in fields.keys() | uploads.keys()
        ):
            raise ViolationError("every multipart part needs a name of its own")
        data = bytearray()
        while chunk := await part.read_chunk(CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes <= limit_bytes + FIELDS_LIMIT_BYTES:
                data += chunk
        if part.filename is None:
            fields[part.name] = _utf8(bytes(data))
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, kind, bytes(data))
    if size_bytes > limit_bytes + FIELDS_LIMIT_BYTES:
        raise RefusedError("Request Entity Too Large", code=413)
    if any(len(upload.data) > limit_bytes for upload in uploads.values()):
        raise RefusedError("Request Entity Too Large", code=413)
    return fields, uploads


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ViolationError(NOT_UTF8) from None


def _match_uploads(args: dict[str, Any], uploads: dict[str, Upload]) -> None:
    named = {text.removeprefix(ATTACH) for text in _strings(args) if text.startswith(ATTACH)}
    if lost := sorted(named - uploads.keys()):
        raise ViolationError(f"there is no uploaded part {lost[0]!r} in the request")
    if stray := sorted(uploads.keys() - named):
        raise ViolationError(f"uploaded part {stray[0]!r} belongs to no field")


def _strings(value: Any) -> Iterator[str]:
    """Every string that can name an upload: a file field's value, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name in FILE_FIELDS:
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


FILE_FIELDS = {
    "media",
    "thumbnail",
    "cover",
    "photo",
    "video",
    "animation",
    "audio",
    "document",
    "certificate",
}
