"""An answer's state. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from schemas.events.answer import AnswerEvent, AnswerGiven, AnswerShown
from services.orchestrator.mark import Mark


class Said(Struct, frozen=True, kw_only=True):
    """What to answer: a stable slug, the facts its words need, and pictures to show with it."""

    code: str
    details: dict[str, str] = {}
    images: tuple[UUID, ...] = ()


def said(code: str, **details: str) -> Said:
    """An answer in words alone."""
    return Said(code=code, details=details)


class Answer(Struct, frozen=True, kw_only=True):
    """What was answered, and whether the person has seen it."""

    given: AnswerGiven
    at: datetime
    position: int
    shown: bool = False


def stream(entry_id: UUID) -> str:
    """The answer's stream in the log."""
    return f"answer-{entry_id}"


def evolve(answer: Answer | None, event: AnswerEvent, mark: Mark) -> Answer:
    """The answer after *event*."""
    match event:
        case AnswerGiven():
            return Answer(given=event, at=mark.at, position=mark.position)
        case AnswerShown():
            if answer is None:
                raise ValueError("an answer was shown that was never given")
            return replace(answer, shown=True)
        case _:
            assert_never(event)
