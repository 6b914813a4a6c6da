"""Rules for the small bodies through which one caller could stop or erase another's work."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.tunnel.errors import BodyRefusedError
from services.tunnel.routes import Body

CHECKED_BODY_MAX_BYTES = 64 * 1024

_Id = Annotated[str, Meta(min_length=1, max_length=64)]
# As the renderer names what it uploads, by its content; ComfyUI numbers a name that is taken.
_Input = Annotated[str, Meta(pattern=r"^darkroom-[0-9a-f]{64}( \([0-9]{1,4}\))?\.(png|jpg|webp)\Z")]


class _Delete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    delete: list[_Id]


class _Interrupt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prompt_id: _Id


class PurgeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What ``POST /darkroom/purge`` is told.

    Attributes:
        prompt_id: The prompt of which nothing is to stay.
        inputs: Names of the pictures that were uploaded for it.
    """

    prompt_id: Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\Z")]
    inputs: Annotated[tuple[_Input, ...], Meta(max_length=64)] = ()


_KINDS: dict[Body, type[Struct]] = {Body.DELETE: _Delete, Body.INTERRUPT: _Interrupt, Body.PURGE: PurgeBody}


def checked_body(rule: Body, data: bytes) -> bytes:
    """
    Check *data* against *rule*: ``DELETE``, ``INTERRUPT`` or ``PURGE``.

    Returns:
        The same request written anew, so that no reader can find in it what the check did not.

    Raises:
        BodyRefusedError: Says what is missing or may not be there.
    """
    try:
        body = msgspec.json.decode(data, type=_KINDS[rule])
    except msgspec.DecodeError as exc:
        raise BodyRefusedError(f"This body may not pass: {exc}.") from exc
    return msgspec.json.encode(body)
