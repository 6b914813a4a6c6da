"""Rules for the small bodies through which one caller could stop or erase another's work."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.tunnel.errors import BodyRefusedError
from services.tunnel.routes import Body

CHECKED_BODY_MAX_BYTES = 64 * 1024

_Id = Annotated[str, Meta(min_length=1, max_length=64)]


class _Delete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    delete: list[_Id]


class _Interrupt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prompt_id: _Id


_KINDS: dict[Body, type[Struct]] = {Body.DELETE: _Delete, Body.INTERRUPT: _Interrupt}


def checked_body(rule: Body, data: bytes) -> bytes:
    """
    Check *data* against *rule*, ``DELETE`` or ``INTERRUPT``.

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
