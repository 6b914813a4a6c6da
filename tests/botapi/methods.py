"""The Bot API's methods as data (Bot API 9.x): name → parameter → kind. What is not here is a 404."""

from __future__ import annotations

from collections.abc import Mapping

from tests.botapi.kinds import ChatId, File, Integer, Kind, ListOf, Need, Text
from tests.botapi.objects import (
    ALBUM_MEDIA,
    ANY_MARKUP,
    ANY_MEDIA,
    BOOL,
    CAPTION,
    COMMAND,
    ENTITIES,
    INLINE_KEYBOARD,
    INT,
    LINK_PREVIEW,
    MUSIC,
    NATURAL,
    PARSE_MODE,
    REACTION,
    REPLY,
    SCOPE,
    SHOWN,
    SIZE,
    STR,
)

UPDATE_TYPES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)
ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
LANGUAGE = Text(pattern=r"([a-z]{2})?", refusal="invalid language code specified")
ALLOWED_UPDATES = ListOf(Text(choices=UPDATE_TYPES))

_TARGET = {"business_connection_id": STR, "chat_id": Need(ChatId()), "message_thread_id": INT}
_SEND = {
    **_TARGET,
    "direct_messages_topic_id": INT,
    "disable_notification": BOOL,
    "protect_content": BOOL,
    "allow_paid_broadcast": BOOL,
    "message_effect_id": STR,
    "reply_parameters": REPLY,
}
_SEND_ONE = {**_SEND, "reply_markup": ANY_MARKUP}
_EDIT = {
    "business_connection_id": STR,
    "chat_id": ChatId(),
    "message_id": Integer(least=1),
    "inline_message_id": STR,
    "reply_markup": INLINE_KEYBOARD,
}
_TEXT = {
    "text": Need(STR),
    "parse_mode": PARSE_MODE,
    "entities": ENTITIES,
    "link_preview_options": LINK_PREVIEW,
}
_COMMANDS_FOR = {"scope": SCOPE, "language_code": LANGUAGE}

METHODS: Mapping[str, Mapping[str, Kind | Need]] = {
    "getMe": {},
    "getUpdates": {
        "offset": INT,
        "limit": Integer(1, 100),
        "timeout": NATURAL,
        "allowed_updates": ALLOWED_UPDATES,
    },
    "setWebhook": {
        "url": Need(STR),
        "certificate": File(),
        "ip_address": STR,
        "max_connections": Integer(1, 100),
        "allowed_updates": ALLOWED_UPDATES,
        "drop_pending_updates": BOOL,
        "secret_token": Text(
            least_chars=1,
            most_chars=256,
            pattern=r"[A-Za-z0-9_-]+",
            refusal="secret token contains unallowed characters",
        ),
    },
    "deleteWebhook": {"drop_pending_updates": BOOL},
    "getWebhookInfo": {},
    "sendMessage": {**_SEND_ONE, **_TEXT},
    "sendPhoto": {**_SEND_ONE, **CAPTION, **SHOWN, "photo": Need(File())},
    "sendVideo": {
        **_SEND_ONE,
        **CAPTION,
        **SHOWN,
        **SIZE,
        "video": Need(File()),
        "thumbnail": File(),
        "cover": File(),
        "start_timestamp": NATURAL,
        "supports_streaming": BOOL,
    },
    "sendAnimation": {
        **_SEND_ONE,
        **CAPTION,
        **SHOWN,
        **SIZE,
        "animation": Need(File()),
        "thumbnail": File(),
    },
    "sendAudio": {**_SEND_ONE, **CAPTION, **MUSIC, "audio": Need(File()), "thumbnail": File()},
    "sendDocument": {
        **_SEND_ONE,
        **CAPTION,
        "document": Need(File()),
        "thumbnail": File(),
        "disable_content_type_detection": BOOL,
    },
    "sendMediaGroup": {
        **_SEND,
        "media": Need(ListOf(ALBUM_MEDIA, 2, 10, "media must include 2-10 items")),
    },
    "editMessageText": {**_EDIT, **_TEXT},
    "editMessageCaption": {**_EDIT, **CAPTION, "show_caption_above_media": BOOL},
    "editMessageMedia": {**_EDIT, "media": Need(ANY_MEDIA)},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": Need(ChatId()), "message_id": Need(Integer(least=1))},
    "sendChatAction": {
        **_TARGET,
        "action": Need(Text(choices=ACTIONS, refusal="wrong parameter action in request")),
    },
    "answerCallbackQuery": {
        "callback_query_id": Need(STR),
        "text": Text(most_chars=200, refusal="MESSAGE_TOO_LONG"),
        "show_alert": BOOL,
        "url": STR,
        "cache_time": NATURAL,
    },
    "getFile": {"file_id": Need(Text(least_chars=1, refusal="file_id not specified"))},
    "setMyCommands": {"commands": Need(ListOf(COMMAND, 0, 100, "BOT_COMMANDS_TOO_MUCH")), **_COMMANDS_FOR},
    "getMyCommands": _COMMANDS_FOR,
    "setMyDescription": {"description": Text(most_chars=512), "language_code": LANGUAGE},
    "setMyShortDescription": {"short_description": Text(most_chars=120), "language_code": LANGUAGE},
    "setMessageReaction": {
        "chat_id": Need(ChatId()),
        "message_id": Need(Integer(least=1)),
        "reaction": ListOf(REACTION, 0, 1, "REACTIONS_TOO_MANY"),
        "is_big": BOOL,
    },
}
