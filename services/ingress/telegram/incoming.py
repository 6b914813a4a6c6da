"""An update, boiled down to what this channel looks at. Pure."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct
from telegram import Animation, Audio, CallbackQuery, Message, Sticker, Update, Video, VideoNote, Voice
from telegram.constants import ChatType

from schemas.private import Address, MessageAddress
from services.ingress.telegram.keyboard import picture_of

Sort = Literal["picture", "moving", "video", "audio", "other"]

_SORTS: dict[str, Sort] = {"image": "picture", "video": "video", "audio": "audio"}


class FileSent(Struct, frozen=True, kw_only=True):
    """A file in a message, not fetched yet; ``sort`` is what its sender says it is."""

    file_id: str
    size_bytes: int
    sort: Sort


class Answered(Struct, frozen=True, kw_only=True):
    """The message that was replied to: whether it is the bot's, and the picture that its button names."""

    is_ours: bool
    message_id: int
    image_id: UUID | None


class Press(Struct, frozen=True, kw_only=True):
    """A pressed button."""

    query_id: str
    data: str


class Incoming(Struct, frozen=True, kw_only=True):
    """
    A message or a pressed button.

    Attributes:
        update_id: Telegram's number of it.
        chat: Where.
        is_private: Nobody but the person and the bot is there.
        message_id: The message itself, or the one with the pressed button.
        person_id: Who; a channel or an anonymous admin speaks as a chat.
        text: Text or caption.
        files: What came with it, or with the message of a person that it replies to.
        album: Id that the messages of one album share, empty for others.
        answered: What it replies to.
        press: The button; ``None`` for a message.
    """

    update_id: int
    chat: Address
    is_private: bool
    message_id: int
    person_id: int
    text: str = ""
    files: tuple[FileSent, ...] = ()
    album: str = ""
    answered: Answered | None = None
    press: Press | None = None

    @property
    def address(self) -> MessageAddress:
        """The message to answer."""
        return MessageAddress(chat_id=self.chat.chat_id, message_id=self.message_id)


def read_update(update: Update, bot_id: int) -> Incoming | None:
    """What *update* says; nothing for what this channel passes over: edits, other bots, service messages."""
    if update.callback_query is not None:
        return _read_press(update.update_id, update.callback_query)
    if update.message is not None:
        return _read_message(update.update_id, update.message, bot_id)
    return None


def _read_press(update_id: int, query: CallbackQuery) -> Incoming | None:
    message = query.message
    if message is None or query.data is None:
        return None
    return Incoming(
        update_id=update_id,
        chat=_address(message) if isinstance(message, Message) else Address(chat_id=message.chat.id),
        is_private=message.chat.type == ChatType.PRIVATE,
        message_id=message.message_id,
        person_id=query.from_user.id,
        press=Press(query_id=query.id, data=query.data),
    )


def _read_message(update_id: int, message: Message, bot_id: int) -> Incoming | None:
    speaker = message.sender_chat or message.from_user
    if speaker is None or (message.sender_chat is None and message.from_user and message.from_user.is_bot):
        return None
    text = message.text or message.caption or ""
    files = _files(message)
    if not text and not files:
        return None
    replied = message.reply_to_message
    answered = None
    if replied is not None and not _is_topic_head(message, replied):
        is_ours = replied.from_user is not None and replied.from_user.id == bot_id
        answered = Answered(
            is_ours=is_ours,
            message_id=replied.message_id,
            image_id=picture_of(replied.reply_markup) if is_ours else None,
        )
        if not files and not is_ours:
            files = tuple(file for file in _files(replied) if file.sort == "picture")
    return Incoming(
        update_id=update_id,
        chat=_address(message),
        is_private=message.chat.type == ChatType.PRIVATE,
        message_id=message.message_id,
        person_id=speaker.id,
        text=text,
        files=files,
        album=message.media_group_id or "",
        answered=answered,
    )


def _address(message: Message) -> Address:
    # Outside forums a thread is only a row of replies, and can't be written to.
    thread_id = message.message_thread_id if message.is_topic_message else None
    return Address(chat_id=message.chat.id, thread_id=thread_id or 0)


def _is_topic_head(message: Message, replied: Message) -> bool:
    """In a forum every message that answers none "replies" to the one that opened its topic."""
    return bool(message.is_topic_message) and replied.message_id == message.message_thread_id


def _files(message: Message) -> tuple[FileSent, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (FileSent(file_id=largest.file_id, size_bytes=largest.file_size or 0, sort="picture"),)
    # An animation comes first: a document comes along with it.
    others: tuple[tuple[Sort, Animation | Video | VideoNote | Audio | Voice | Sticker | None], ...] = (
        ("moving", message.animation),
        ("video", message.video),
        ("video", message.video_note),
        ("audio", message.audio),
        ("audio", message.voice),
        ("other", message.sticker),
    )
    for sort, other in others:
        if other is not None:
            return (FileSent(file_id=other.file_id, size_bytes=other.file_size or 0, sort=sort),)
    document = message.document
    if document is None:
        return ()
    sort = _SORTS.get((document.mime_type or "").partition("/")[0], "other")
    return (FileSent(file_id=document.file_id, size_bytes=document.file_size or 0, sort=sort),)
