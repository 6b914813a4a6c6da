"""The edit methods and deleteMessage, with the rules about what can be changed into what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.botapi.body import Call
from tests.botapi.formatted import formatted_caption
from tests.botapi.messages import Content, Message
from tests.botapi.refusal import RefusedError, ViolationError
from tests.botapi.sending import markup_of, media_content, text_content
from tests.botapi.wire import message_json
from tests.botapi.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def _editable(world: World, call: Call) -> Message:
    if call.args.get("inline_message_id"):
        raise RefusedError("MESSAGE_ID_INVALID")
    if "chat_id" not in call.args:
        raise ViolationError("chat_id is empty")
    if "message_id" not in call.args:
        raise ViolationError("message identifier is not specified")
    message = world.message(call, "message to edit")
    markup = message.content.markup
    if message.sender != "bot" or (markup and "inline_keyboard" not in markup):
        raise RefusedError("message can't be edited")
    return message


def _edited(message: Message, content: Content) -> dict[str, Any]:
    """An edit without reply_markup takes the keyboard away: *content* says all there will be."""
    if content == message.content:
        raise RefusedError(NOT_MODIFIED)
    message.edit(content)
    return message_json(message)


async def edit_message_text(world: World, call: Call) -> dict[str, Any]:
    """editMessageText: only a text can become a text."""
    content = text_content(call.args)
    message = _editable(world, call)
    if message.content.media:
        raise RefusedError("there is no text in the message to edit")
    return _edited(message, content)


async def edit_message_caption(world: World, call: Call) -> dict[str, Any]:
    """editMessageCaption: an omitted caption is an empty one."""
    said = formatted_caption(call.args)
    message = _editable(world, call)
    if not message.content.media:
        raise RefusedError("there is no caption in the message to edit")
    shown = {name: value for name, value in message.content.shown.items() if name == "has_spoiler"}
    if call.args.get("show_caption_above_media"):
        shown["show_caption_above_media"] = True
    return _edited(message, replace(message.content, said=said, markup=markup_of(call.args), shown=shown))


async def edit_message_media(world: World, call: Call) -> dict[str, Any]:
    """editMessageMedia: changes a medium, or (since Bot API 7.11) puts one in the place of a text."""
    media = call.args["media"]
    content = media_content(world, call, media, media["type"], media["media"])
    message = _editable(world, call)
    old, new = message.kind, content.kind
    if message.media_group_id and old != new:
        if new == "animation":
            raise RefusedError("message content type can't be used in an album")
        if {"document", "audio"} & {old, new}:
            raise RefusedError("can't change media type in the album")
    return _edited(message, content)


async def edit_message_reply_markup(world: World, call: Call) -> dict[str, Any]:
    """editMessageReplyMarkup: without a keyboard it takes the present one away."""
    markup = markup_of(call.args)
    message = _editable(world, call)
    return _edited(message, replace(message.content, markup=markup))


async def delete_message(world: World, call: Call) -> bool:
    """deleteMessage: its own anywhere, a person's only in a private chat."""
    message = world.message(call, "message to delete")
    if message.sender != "bot" and message.chat.about["type"] != "private":
        raise RefusedError("message can't be deleted")
    message.deleted = True
    return True
