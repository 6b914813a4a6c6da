"""Everything the server knows, apart from HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.bell import Bell
from tests.botapi.body import Call
from tests.botapi.files import FileStore
from tests.botapi.messages import Chat, Message
from tests.botapi.refusal import RefusedError
from tests.botapi.updates import UpdateQueue


@dataclass
class Press:
    """A pressed button that waits for answerCallbackQuery."""

    query_id: str
    chat_id: int
    message_id: int
    data: str
    answer: dict[str, Any] | None = None
    expired: bool = False


@dataclass(frozen=True)
class Reply:
    """One call and how it ended."""

    method: str
    args: dict[str, Any] = field(repr=False)
    status: int
    description: str = ""

    def __str__(self) -> str:
        target = f" {self.args['chat_id']}" if "chat_id" in self.args else ""
        return f"{self.method}{target} → {self.status} {self.description}".rstrip()


@dataclass
class World:
    """State that outlives the server's sockets."""

    token: str
    username: str
    bell: Bell = field(default_factory=Bell)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    updates: UpdateQueue = field(init=False)
    presses: dict[str, Press] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.updates = UpdateQueue(self.bell)

    @property
    def bot(self) -> dict[str, Any]:
        """The bot as a User."""
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "Darkroom", "username": self.username}

    def chat(self, args: dict[str, Any]) -> Chat:
        """The chat a call names; nobody but a person can open one."""
        if args.get("business_connection_id"):
            raise RefusedError("business connection not found")
        if args.get("message_thread_id") or args.get("direct_messages_topic_id"):
            raise RefusedError("message thread not found")
        chat = self.chats.get(args["chat_id"])
        if chat is None:
            raise RefusedError("chat not found")
        return chat

    def writable_chat(self, args: dict[str, Any]) -> Chat:
        """The same, unless the person has blocked the bot."""
        chat = self.chat(args)
        if chat.blocked:
            raise RefusedError("bot was blocked by the user", code=403)
        return chat

    def message(self, call: Call, what: str) -> Message:
        """The message a call names; *what* is its role in the refusal."""
        message = self.writable_chat(call.args).find(call.args["message_id"])
        if message is None:
            raise RefusedError(f"{what} not found")
        return message

    def transcript(self, chat_ids: Sequence[int] = ()) -> str:
        """All chats as text, the deleted messages too, then the latest calls and every violation."""
        lines: list[str] = []
        for chat_id in chat_ids or self.chats:
            lines.append(f"--- chat {chat_id}")
            lines += [str(message) for message in self.chats[chat_id].messages.values()]
        telling = [reply for reply in self.replies if reply.method != "getUpdates" or reply.status != 200]
        lines += ["--- latest calls", *(str(reply) for reply in telling[-20:])]
        lines += ["--- violations", *self.violations]
        return "\n".join(lines)
