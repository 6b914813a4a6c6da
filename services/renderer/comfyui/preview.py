"""Preview frames out of ComfyUI's binary messages. Pure."""

from __future__ import annotations

import struct

import msgspec
from msgspec import Struct

FRAME_BYTES_MAX = 4 * 1024 * 1024
"""Previews are a few dozen KiB; whatever is larger is not looked at."""

_PREVIEW = 1  # format, picture
_PREVIEW_WITH_METADATA = 4  # length of the metadata, metadata, picture; sent instead, if the client asked
_WORD = struct.Struct(">I")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Frame(Struct, frozen=True, kw_only=True):
    """A picture as it grows, JPEG or PNG; ``prompt_id`` is empty where the server does not tell whose."""

    picture: bytes
    prompt_id: str = ""


class _About(Struct, frozen=True, kw_only=True):
    prompt_id: str = ""


def frame(message: bytes) -> Frame | None:
    """The frame in a binary message; nothing when it is another kind, too large, or not well formed."""
    if not 2 * _WORD.size <= len(message) <= FRAME_BYTES_MAX:
        return None
    (kind,), (second,) = _WORD.unpack_from(message), _WORD.unpack_from(message, _WORD.size)
    body = message[2 * _WORD.size :]
    if kind == _PREVIEW:
        found = Frame(picture=body)
    elif kind == _PREVIEW_WITH_METADATA:
        try:
            about = msgspec.json.decode(body[:second], type=_About)
        except (msgspec.MsgspecError, RecursionError):
            return None
        found = Frame(picture=body[second:], prompt_id=about.prompt_id)
    else:
        return None
    return found if found.picture.startswith(_STARTS) else None
