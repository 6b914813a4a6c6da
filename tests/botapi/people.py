"""The people in the chats: what they say, send, press, edit and delete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count
from typing import Any

from tests.botapi.formatted import typed_by_a_person
from tests.botapi.media import Media, check_photo
from tests.botapi.messages import Chat, Content, Message
from tests.botapi.wire import message_json
from tests.botapi.world import Press, World

_IDS = count(4_380_000_000_000_001)


def person(user_id: int, first_name: str = "Ann", *, language_code: str = "en") -> dict[str, Any]:
    """A User object for the ``user=`` of the calls below."""
    return {"id": user_id, "is_bot": False, "first_name": first_name, "language_code": language_code}


class People:
    """Acts in chats; a positive chat id is the person's own, a negative one a group."""

    def __init__(self, world: World) -> None:
        self._world = world

    def says(
        self, chat_id: int, text: str, *, user: dict[str, Any] | None = None, reply_to: int | None = None
    ) -> int:
        """A text message. Returns its message_id."""
        return self._sends(chat_id, Content(typed_by_a_person(text)), user, reply_to)

    def sends_photo(
        self,
        chat_id: int,
        data: bytes,
        *,
        caption: str = "",
        user: dict[str, Any] | None = None,
        reply_to: int | None = None,
    ) -> int:
        """A photo in several sizes, the last one *data* itself. It must be a picture."""
        check_photo(data)
        content = Content(typed_by_a_person(caption), self._world.files.keep("photo", data))
        return self._sends(chat_id, content, user, reply_to)

    def sends_document(
        self,
        chat_id: int,
        data: bytes,
        *,
        file_name: str = "file.bin",
        mime_type: str = "application/octet-stream",
        caption: str = "",
        user: dict[str, Any] | None = None,
        reply_to: int | None = None,
    ) -> int:
        """Any bytes as a file; people may send up to 2 GB, of which the bot can fetch 20 MB."""
        media = self._world.files.keep("document", data, file_name, mime_type)
        return self._sends(chat_id, Content(typed_by_a_person(caption), media), user, reply_to)

    def sends_media(self, chat_id: int, kind: str, data: bytes, *, caption: str = "") -> int:
        """A ``video``, ``animation`` or ``audio``, as a phone sends it."""
        media = self._world.files.keep(kind, data, f"{kind}.bin")
        return self._sends(chat_id, Content(typed_by_a_person(caption), media), None, None)

    def sends_album(
        self, chat_id: int, photos: Sequence[bytes], *, caption: str = "", user: dict[str, Any] | None = None
    ) -> list[int]:
        """Photos as one album: an update each, one media_group_id, the caption on the first."""
        album = str(next(_IDS))
        kept: list[Media] = [self._world.files.keep("photo", data) for data in photos]
        return [
            self._sends(
                chat_id, Content(typed_by_a_person("" if number else caption), media), user, album=album
            )
            for number, media in enumerate(kept)
        ]

    def edits(self, chat_id: int, message_id: int, text: str) -> None:
        """A person edits their own text or caption: an ``edited_message``."""
        message = self._present(chat_id, message_id)
        if message.sender != "user":
            raise ValueError("a person can edit only their own messages")
        message.edit(Content(typed_by_a_person(text), message.content.media))
        self._tell("edited_message", message)

    def deletes(self, chat_id: int, message_id: int) -> None:
        """A person deletes any message in their chat; the bot is not told."""
        self._present(chat_id, message_id).deleted = True
        self._world.bell.ring()

    def presses(
        self, chat_id: int, message_id: int, button: str, *, user: dict[str, Any] | None = None
    ) -> str:
        """
        A press on a button, named by its text or its callback_data. Returns the callback query's id.

        Raises:
            LookupError: There is no such button on that message now.
        """
        message = self._present(chat_id, message_id)
        found = [
            one for row in message.buttons for one in row if button in {one["text"], one.get("callback_data")}
        ]
        if len(found) != 1 or "callback_data" not in found[0]:
            raise LookupError(f"not one callback button {button!r} on {message}")
        press = Press(str(next(_IDS)), chat_id, message_id, found[0]["callback_data"])
        self._world.presses[press.query_id] = press
        query = {
            "id": press.query_id,
            "from": user or self._author(chat_id, None),
            "message": message_json(message),
            "chat_instance": str(abs(chat_id)),
            "data": press.data,
        }
        self._world.updates.add("callback_query", query)
        self._world.bell.ring()
        return press.query_id

    def blocks(self, chat_id: int, *, blocked: bool = True) -> None:
        """A person blocks the bot, or lets it in again: a ``my_chat_member`` update, then 403."""
        chat = self.enters(chat_id)
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        chat.blocked = blocked

        def member(status: str) -> dict[str, Any]:
            return {"user": self._world.bot, "status": status} | (
                {"until_date": 0} if status == "kicked" else {}
            )

        change = {
            "chat": {"id": chat.id, **chat.about},
            "from": self._author(chat_id, None),
            "date": int(time.time()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        self._world.updates.add("my_chat_member", change)
        self._world.bell.ring()

    def enters(self, chat_id: int, *, title: str = "A group", kind: str = "supergroup") -> Chat:
        """The chat, opened if it is new: only a person can start one."""
        if chat_id not in self._world.chats:
            private = {"type": "private", "first_name": self._author(chat_id, None)["first_name"]}
            self._world.chats[chat_id] = Chat(
                chat_id, private if chat_id > 0 else {"type": kind, "title": title}
            )
        return self._world.chats[chat_id]

    def _author(self, chat_id: int, user: dict[str, Any] | None) -> dict[str, Any]:
        return user or person(abs(chat_id))

    def _present(self, chat_id: int, message_id: int) -> Message:
        message = self.enters(chat_id).find(message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat_id}\n{self._world.transcript()}")
        return message

    def _sends(
        self,
        chat_id: int,
        content: Content,
        user: dict[str, Any] | None = None,
        reply_to: int | None = None,
        *,
        album: str = "",
    ) -> int:
        chat = self.enters(chat_id)
        replied = self._present(chat_id, reply_to) if reply_to is not None else None
        author = self._author(chat_id, user)
        message = chat.add(author, content, reply_to=replied, media_group_id=album)
        self._tell("message", message)
        return message.message_id

    def _tell(self, kind: str, message: Message) -> None:
        if self._seen_by_the_bot(message):
            self._world.updates.add(kind, message_json(message))
        self._world.bell.ring()

    def _seen_by_the_bot(self, message: Message) -> bool:
        """In groups privacy mode is on: only commands (not those for another bot) and replies to the bot."""
        if message.chat.about["type"] == "private":
            return True
        if message.reply_to and message.reply_to.sender == "bot":
            return True
        first_word = (message.text or message.caption).partition(" ")[0]
        _, _, addressee = first_word.partition("@")
        return first_word.startswith("/") and addressee in {"", self._world.username}
