"""A session: one chat on one channel, and the picture that an edit means when it names none."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


class SessionOpened(Struct, frozen=True, kw_only=True, tag="session.opened.v1"):
    """The first message of a chat. ``private`` is a sealed ``Address``."""

    person_id: UUID
    channel: str
    private: bytes


class ImageSelected(Struct, frozen=True, kw_only=True, tag="session.image_selected.v1"):
    """From here on an edit that names no picture means this one."""

    image_id: UUID


class CommandAnswered(Struct, frozen=True, kw_only=True, tag="session.command_answered.v1"):
    """
    A command was answered in words: refused, or it only asked something.

    Attributes:
        entry_id: The answer, so that showing it twice shows it once.
        person_id: Whose key seals ``private``.
        code: Stable slug of the answer; the words are the channel's.
        details: Facts the words need (a model's name, a limit). Never private.
        private: Sealed ``RequestSecrets``, so that the answer can be put under the question.
    """

    entry_id: UUID
    person_id: UUID
    code: str
    details: dict[str, str] = {}
    private: bytes


class AnswerShown(Struct, frozen=True, kw_only=True, tag="session.answer_shown.v1"):
    """The channel showed the answer."""

    entry_id: UUID


SessionEvent = SessionOpened | ImageSelected | CommandAnswered | AnswerShown
