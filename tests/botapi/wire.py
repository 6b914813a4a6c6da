"""Messages as the Bot API's JSON."""

from __future__ import annotations

from typing import Any

from tests.botapi.media import Media
from tests.botapi.messages import Message


def message_json(message: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """A Message object; the message it answers is in it, but not that one's own reply."""
    content = message.content
    made: dict[str, Any] = {
        "message_id": message.message_id,
        "from": message.author,
        "chat": {"id": message.chat.id, **message.chat.about},
        "date": message.date,
    }
    if message.edit_date:
        made["edit_date"] = message.edit_date
    if message.media_group_id:
        made["media_group_id"] = message.media_group_id
    if message.protected:
        made["has_protected_content"] = True
    if with_reply and message.reply_to and not message.reply_to.deleted:
        made["reply_to_message"] = message_json(message.reply_to, with_reply=False)
    text_name, entities_name = ("caption", "caption_entities") if content.media else ("text", "entities")
    if content.said.text:
        made[text_name] = content.said.text
    if content.said.entities:
        made[entities_name] = list(content.said.entities)
    if content.media:
        made |= media_json(content.media)
    shown = dict(content.shown)
    if shown.pop("has_spoiler", False):
        made["has_media_spoiler"] = True
    made |= {name: value for name, value in shown.items() if value}
    if message.buttons:
        made["reply_markup"] = {"inline_keyboard": message.buttons}
    return made


def media_json(media: Media) -> dict[str, Any]:
    """The one or two fields a medium takes in a Message."""
    original = media.files[-1]
    named = {
        name: value
        for name, value in (("file_name", media.file_name), ("mime_type", media.mime_type))
        if value
    }
    size = {"width": original.width, "height": original.height}
    if media.kind == "photo":
        return {"photo": [{**one.ids, "width": one.width, "height": one.height} for one in media.files]}
    document = {**original.ids, **named}
    if media.kind == "document":
        return {"document": document}
    if media.kind == "audio":
        return {"audio": {**document, "duration": media.duration_s}}
    played = {**document, **size, "duration": media.duration_s}
    # For clients that know no animations the document is there as well.
    return {"animation": played, "document": document} if media.kind == "animation" else {"video": played}
