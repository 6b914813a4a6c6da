"""What can be asked for, and what each command takes. Pure; help, menu and page say it alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from schemas.catalogue import Kind, WorkflowSpec
from services.ingress.flags import FLAGS

_MADE: Final[dict[Kind, str]] = {
    "image": "a picture",
    "edit": "a changed picture",
    "video": "a video",
    "audio": "a sound",
}
_NOTHING = "nothing else"


class Takes(Struct, frozen=True, kw_only=True):
    """
    What follows a command.

    Attributes:
        kind: What it makes.
        words: It is made of words.
        pictures_least: Least number of pictures it works with.
        pictures_most: Greatest number, 0 when it takes none.
        fields: Its parameters, as ``WorkflowSpec.parameters`` names them.
    """

    kind: str
    words: bool = True
    pictures_least: int = 0
    pictures_most: int = 0
    fields: tuple[str, ...] = ()


def takes_of(spec: WorkflowSpec) -> Takes:
    """What a workflow's command takes."""
    return Takes(
        kind=spec.kind,
        words=spec.takes_prompt,
        pictures_least=spec.inputs_min,
        pictures_most=spec.inputs_max,
        fields=spec.parameters,
    )


def shape(takes: Takes) -> str:
    """What is put after the command: ``words``, ``1 to 3 pictures and what to change``, ``a picture``."""
    words = ("what to change" if takes.kind == "edit" else "words") if takes.words else ""
    parts = [part for part in (_pictures(takes), words) if part]
    return " and ".join(parts) or _NOTHING


def described(spec: WorkflowSpec) -> str:
    """What comes of a command and what it takes: ``a picture from words · --size --steps -n``."""
    takes = takes_of(spec)
    given = shape(takes)
    made = _MADE[spec.kind] if given == _NOTHING else f"{_MADE[spec.kind]} from {given}"
    return " · ".join(part for part in (made, parameters(takes.fields)) if part)


def parameters(fields: Iterable[str]) -> str:
    """Those fields as a person types them, in the order in which they are told of elsewhere."""
    wanted = set(fields)
    return " ".join(flag.shown for flag in FLAGS if wanted & set(flag.fields))


def _pictures(takes: Takes) -> str:
    least, most = takes.pictures_least, takes.pictures_most
    if most == 0:
        return ""
    if least == 0:
        return "a picture if you like" if most == 1 else f"up to {most} pictures"
    if least == most:
        return "a picture" if most == 1 else f"{most} pictures"
    return f"{least} to {most} pictures"
