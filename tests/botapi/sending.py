"""The send methods: what a call becomes in the chat."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.botapi.body import Call
from tests.botapi.formatted import formatted_caption, formatted_text
from tests.botapi.media import check_measures
from tests.botapi.messages import Chat, Content, Message
from tests.botapi.refusal import RefusedError, ViolationError
from tests.botapi.wire import message_json
from tests.botapi.world import World

BUTTONS_LIMIT = 100
SHOWN = ("link_preview_options", "show_caption_above_media", "has_spoiler")
_ALBUMS = count(13_000_000_000_000_001)


def markup_of(args: dict[str, Any]) -> dict[str, Any] | None:
    """The reply markup of a call; a keyboard without buttons is none."""
    markup = args.get("reply_markup")
    rows = (markup or {}).get("inline_keyboard")
    if rows is None:
        return markup
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > BUTTONS_LIMIT:
        raise ViolationError("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def text_content(args: dict[str, Any]) -> Content:
    """The content of a text message."""
    return Content(formatted_text(args), None, markup_of(args), _shown(args))


def media_content(world: World, call: Call, media: dict[str, Any], kind: str, reference: str) -> Content:
    """The content of a media message; *media* holds the caption and its like."""
    pictures = {name: media.get(name, "") for name in ("thumbnail", "cover")}
    kept = world.files.resolve(reference, call.uploads, kind, **pictures)
    check_measures(media, kept)
    return Content(formatted_caption(media), kept, markup_of(call.args), _shown(media))


def _shown(args: dict[str, Any]) -> dict[str, Any]:
    return {name: args[name] for name in SHOWN if args.get(name)}


def _replied(world: World, chat: Chat, args: dict[str, Any]) -> Message | None:
    wanted = args.get("reply_parameters")
    if wanted is None:
        return None
    other = world.chat({"chat_id": wanted["chat_id"]}) if "chat_id" in wanted else chat
    found = other.find(wanted["message_id"])
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise RefusedError("message to be replied not found")
    if found and wanted.get("quote", "") not in found.content.said.text:
        raise RefusedError("QUOTE_TEXT_INVALID")
    return found


def _send(world: World, call: Call, contents: list[Content], album: str = "") -> list[dict[str, Any]]:
    chat = world.writable_chat(call.args)
    replied = _replied(world, chat, call.args)
    protected = call.args.get("protect_content", False)
    return [
        message_json(
            chat.add(world.bot, content, reply_to=replied, media_group_id=album, protected=protected)
        )
        for content in contents
    ]


async def send_message(world: World, call: Call) -> dict[str, Any]:
    """One text message, by sendMessage."""
    return _send(world, call, [text_content(call.args)])[0]


async def send_media(world: World, call: Call) -> dict[str, Any]:
    """sendPhoto, sendVideo, sendAnimation, sendAudio, sendDocument: the field is named like the kind."""
    kind = call.method.removeprefix("send").lower()
    content = media_content(world, call, call.args, kind, call.args[kind])
    return _send(world, call, [content])[0]


async def send_media_group(world: World, call: Call) -> list[dict[str, Any]]:
    """sendMediaGroup: photos and videos may mix, sounds and documents each stay among themselves."""
    media = call.args["media"]
    for alone in ("document", "audio"):
        if len({one["type"] == alone for one in media}) > 1:
            raise ViolationError(f"{alone} can't be mixed with other media types")
    contents = [media_content(world, call, one, one["type"], one["media"]) for one in media]
    return _send(world, call, contents, album=str(next(_ALBUMS)))
