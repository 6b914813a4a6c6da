"""What was heard in a chat, and what it is taken to mean. Pure nouns; both channels share them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.commands import Target
from schemas.params import RenderParams
from schemas.private import Words


class Heard(Struct, frozen=True, kw_only=True):
    """
    One message of a person, whatever the channel.

    Attributes:
        text: As typed, caption included.
        pictures: How many pictures came with it.
        target: What it replies to or was pressed under; empty for neither.
    """

    text: str
    pictures: int = 0
    target: Target = Target()


class Render(Struct, frozen=True, kw_only=True):
    """Make or edit a picture."""

    command: str
    words: Words
    params: RenderParams
    target: Target


class Import(Struct, frozen=True, kw_only=True):
    """Keep the picture for the next edit."""


class Repeat(Struct, frozen=True, kw_only=True):
    """Do the target's job once more; ``vary`` takes a new seed."""

    target: Target
    vary: bool


class Select(Struct, frozen=True, kw_only=True):
    """Make the target the current picture; an empty target steps back to the parent."""

    target: Target


class Cancel(Struct, frozen=True, kw_only=True):
    """Stop the target's job, or the newest one."""

    target: Target


class Question(Struct, frozen=True, kw_only=True):
    """Answered by the orchestrator in words."""

    topic: Literal["help", "queue", "privacy", "tree"]


class Say(Struct, frozen=True, kw_only=True):
    """Answered here and now, without the orchestrator: the words are ``texts.sentence(code, details)``."""

    code: str
    details: dict[str, str] = {}


Intent = Render | Import | Repeat | Select | Cancel | Question | Say
