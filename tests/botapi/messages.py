"""Messages and chats as Telegram keeps them, with every version a message ever had."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.formatted import Formatted
from tests.botapi.media import Media


@dataclass(frozen=True)
class Content:
    """All that an edit can change; two equal contents are "not modified"."""

    said: Formatted
    media: Media | None = None
    markup: dict[str, Any] | None = None
    shown: dict[str, Any] = field(default_factory=dict)  # link preview, spoiler, caption above

    @property
    def kind(self) -> str:
        """``text``, or the medium's kind."""
        return self.media.kind if self.media else "text"


@dataclass
class Message:
    """One message; ``versions[-1]`` is what a person sees now."""

    chat: Chat = field(repr=False)
    message_id: int
    author: dict[str, Any]
    versions: list[Content]
    reply_to: Message | None = field(default=None, repr=False)
    media_group_id: str = ""
    protected: bool = False
    reaction: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False
    date: int = field(default_factory=lambda: int(time.time()))
    edit_date: int = 0

    @property
    def content(self) -> Content:
        """The version a person sees now."""
        return self.versions[-1]

    @property
    def sender(self) -> str:
        """``bot`` or ``user``."""
        return "bot" if self.author["is_bot"] else "user"

    @property
    def kind(self) -> str:
        """``text``, ``photo``, ``video``, ``animation``, ``audio`` or ``document``."""
        return self.content.kind

    @property
    def text(self) -> str:
        """The text of a text message; empty for a medium."""
        return "" if self.content.media else self.content.said.text

    @property
    def caption(self) -> str:
        """The caption of a medium; empty for a text message."""
        return self.content.said.text if self.content.media else ""

    @property
    def entities(self) -> tuple[dict[str, Any], ...]:
        """The entities of the text or caption."""
        return self.content.said.entities

    @property
    def data(self) -> bytes:
        """The medium's bytes as sent, or none."""
        return self.content.media.data if self.content.media else b""

    @property
    def buttons(self) -> list[list[dict[str, Any]]]:
        """The inline keyboard's rows of buttons now."""
        return (self.content.markup or {}).get("inline_keyboard", [])

    @property
    def labels(self) -> list[str]:
        """The texts of all buttons, row after row."""
        return [button["text"] for row in self.buttons for button in row]

    @property
    def edits(self) -> int:
        """How often it was edited."""
        return len(self.versions) - 1

    def edit(self, content: Content) -> None:
        """A new version."""
        self.versions.append(content)
        self.edit_date = int(time.time())

    def __str__(self) -> str:
        said = (self.text or self.caption).replace("\n", "\\n")
        medium = f"<{self.kind} {len(self.data)} bytes> " if self.content.media else ""
        buttons = "".join(f" [{label}]" for label in self.labels)
        marks = f" (edited {self.edits}x)" if self.edits else ""
        marks += " (deleted)" if self.deleted else ""
        return f"#{self.message_id} {self.sender}: {medium}{said[:300]}{buttons}{marks}"


@dataclass
class Chat:
    """One chat and everything ever said in it."""

    id: int
    about: dict[str, Any]  # the Chat object's other fields
    blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def visible(self) -> list[Message]:
        """What a person who scrolls through the chat sees."""
        return [message for message in self.messages.values() if not message.deleted]

    def find(self, message_id: int) -> Message | None:
        """A message that is still there."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def add(self, author: dict[str, Any], content: Content, **rest: Any) -> Message:
        """A new message at the end."""
        message = Message(self, len(self.messages) + 1, author, [content], **rest)
        self.messages[message.message_id] = message
        return message
