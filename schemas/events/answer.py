"""An answer in words: a refusal, or the reply to a question."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.channel import Channel


class AnswerGiven(Struct, frozen=True, kw_only=True, tag="answer.given.v1"):
    """
    A command was answered in words and nothing else came of it.

    Attributes:
        session_id: The chat it is for.
        person_id: Who asked; their key seals ``private``.
        channel: The ingress that shows it.
        code: Stable slug of the answer; the words are the channel's.
        details: Facts the words need (a model's name, a limit). Never private.
        images: Pictures to show with it.
        private: Sealed ``RequestSecrets``, so that the answer can be put under the question.
    """

    session_id: UUID
    person_id: UUID
    channel: Channel
    code: str
    details: dict[str, str] = {}
    images: tuple[UUID, ...] = ()
    private: bytes


class AnswerShown(Struct, frozen=True, kw_only=True, tag="answer.shown.v1"):
    """The channel showed it: nothing more is due."""


AnswerEvent = AnswerGiven | AnswerShown
