"""The Bot API's input objects as data (Bot API 9.x), as far as a chat studio can meet them."""

from __future__ import annotations

from tests.botapi.kinds import Boolean, ByField, ChatId, File, Integer, ListOf, Need, Record, Tagged, Text

BOOL = Boolean()
INT = Integer()
NATURAL = Integer(least=0)
STR = Text()
PARSE_MODE = Text(choices=("HTML", "Markdown", "MarkdownV2"), refusal="unsupported parse_mode")
URL = Text(pattern=r"(https?|tg)://\S+", refusal="inline keyboard button URL is invalid: Wrong HTTP URL")
HTTPS_URL = Text(pattern=r"https://\S+", refusal="only HTTPS links are allowed in Web App buttons")
BUTTON_STYLE = Text(choices=("danger", "primary", "success"), refusal="invalid button style specified")

USER = Record("User", {"id": Need(INT), "is_bot": Need(BOOL), "first_name": Need(STR)} | dict.fromkeys(
    ("last_name", "username", "language_code"), STR
))  # fmt: skip

ENTITY = Record(
    "MessageEntity",
    {
        "type": Need(STR),
        "offset": Need(INT),
        "length": Need(INT),
        "url": STR,
        "user": USER,
        "language": STR,
        "custom_emoji_id": STR,
        "unix_time": INT,
        "date_time_format": STR,
    },
)
ENTITIES = ListOf(ENTITY)

LINK_PREVIEW = Record(
    "LinkPreviewOptions",
    {
        "is_disabled": BOOL,
        "url": STR,
        "prefer_small_media": BOOL,
        "prefer_large_media": BOOL,
        "show_above_text": BOOL,
    },
)

REPLY = Record(
    "ReplyParameters",
    {
        "message_id": Need(Integer(least=1)),
        "chat_id": ChatId(),
        "allow_sending_without_reply": BOOL,
        "quote": Text(most_chars=1024),
        "quote_parse_mode": PARSE_MODE,
        "quote_entities": ENTITIES,
        "quote_position": NATURAL,
        "checklist_task_id": INT,
    },
)

WEB_APP = Record("WebAppInfo", {"url": Need(HTTPS_URL)})
INLINE_BUTTON_ACTIONS = {
    "url": URL,
    "callback_data": Text(least_chars=1, most_bytes=64, refusal="BUTTON_DATA_INVALID"),
    "web_app": WEB_APP,
    "login_url": Record(
        "LoginUrl",
        {"url": Need(HTTPS_URL), "forward_text": STR, "bot_username": STR, "request_write_access": BOOL},
    ),
    "switch_inline_query": STR,
    "switch_inline_query_current_chat": STR,
    "switch_inline_query_chosen_chat": Record(
        "SwitchInlineQueryChosenChat",
        {"query": STR}
        | dict.fromkeys(
            ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats"), BOOL
        ),
    ),
    "copy_text": Record("CopyTextButton", {"text": Need(Text(least_chars=1, most_chars=256))}),
}
INLINE_BUTTON = Record(
    "InlineKeyboardButton",
    {
        "text": Need(Text(least_chars=1, refusal="inline keyboard button text must be non-empty")),
        "style": BUTTON_STYLE,
        "icon_custom_emoji_id": STR,
        **INLINE_BUTTON_ACTIONS,
    },
    exactly_one=tuple(INLINE_BUTTON_ACTIONS),
)
# At most 8 buttons in a row; the limit of 100 in all is checked where messages are made.
INLINE_KEYBOARD = Record(
    "InlineKeyboardMarkup", {"inline_keyboard": Need(ListOf(ListOf(INLINE_BUTTON, most=8)))}
)
REPLY_BUTTON = Record(
    "KeyboardButton",
    {
        "text": Need(Text(least_chars=1, refusal="keyboard button text must be non-empty")),
        "style": BUTTON_STYLE,
        "icon_custom_emoji_id": STR,
        "request_contact": BOOL,
        "request_location": BOOL,
        "web_app": WEB_APP,
    },
)
PLACEHOLDER = Text(least_chars=1, most_chars=64)
ANY_MARKUP = ByField(
    "reply markup",
    {
        "inline_keyboard": INLINE_KEYBOARD,
        "keyboard": Record(
            "ReplyKeyboardMarkup",
            {
                "keyboard": Need(ListOf(ListOf(REPLY_BUTTON, most=12), least=1)),
                "is_persistent": BOOL,
                "resize_keyboard": BOOL,
                "one_time_keyboard": BOOL,
                "input_field_placeholder": PLACEHOLDER,
                "selective": BOOL,
            },
        ),
        "remove_keyboard": Record("ReplyKeyboardRemove", {"remove_keyboard": Need(BOOL), "selective": BOOL}),
        "force_reply": Record(
            "ForceReply",
            {"force_reply": Need(BOOL), "input_field_placeholder": PLACEHOLDER, "selective": BOOL},
        ),
    },
)

CAPTION = {"caption": STR, "parse_mode": PARSE_MODE, "caption_entities": ENTITIES}
SHOWN = {"show_caption_above_media": BOOL, "has_spoiler": BOOL}
SIZE = {"width": Integer(0, 10_000), "height": Integer(0, 10_000), "duration": Integer(0, 86_400)}
MUSIC = {"duration": Integer(0, 86_400), "performer": STR, "title": STR}
MEDIA = {"type": Need(STR), "media": Need(File(least_chars=1)), **CAPTION}
INPUT_MEDIA = {
    "photo": Record("InputMediaPhoto", {**MEDIA, **SHOWN}),
    "video": Record(
        "InputMediaVideo",
        {**MEDIA, **SHOWN, **SIZE, "thumbnail": File(), "cover": File(), "start_timestamp": NATURAL,
         "supports_streaming": BOOL},
    ),
    "animation": Record("InputMediaAnimation", {**MEDIA, **SHOWN, **SIZE, "thumbnail": File()}),
    "audio": Record("InputMediaAudio", {**MEDIA, **MUSIC, "thumbnail": File()}),
    "document": Record(
        "InputMediaDocument", {**MEDIA, "thumbnail": File(), "disable_content_type_detection": BOOL}
    ),
}  # fmt: skip
ANY_MEDIA = Tagged("InputMedia", "type", INPUT_MEDIA)
ALBUM_MEDIA = Tagged(
    "InputMedia", "type", {name: INPUT_MEDIA[name] for name in ("photo", "video", "audio", "document")}
)

COMMAND = Record(
    "BotCommand",
    {
        "command": Need(Text(pattern=r"[a-z0-9_]{1,32}", refusal="BOT_COMMAND_INVALID")),
        "description": Need(Text(least_chars=1, most_chars=256, refusal="BOT_COMMAND_DESCRIPTION_INVALID")),
    },
)
_TYPE = {"type": Need(STR)}
_CHAT = {**_TYPE, "chat_id": Need(ChatId())}
SCOPE = Tagged(
    "BotCommandScope",
    "type",
    {
        "default": Record("BotCommandScopeDefault", _TYPE),
        "all_private_chats": Record("BotCommandScopeAllPrivateChats", _TYPE),
        "all_group_chats": Record("BotCommandScopeAllGroupChats", _TYPE),
        "all_chat_administrators": Record("BotCommandScopeAllChatAdministrators", _TYPE),
        "chat": Record("BotCommandScopeChat", _CHAT),
        "chat_administrators": Record("BotCommandScopeChatAdministrators", _CHAT),
        "chat_member": Record("BotCommandScopeChatMember", {**_CHAT, "user_id": Need(INT)}),
    },
)
REACTION = Tagged(
    "ReactionType",
    "type",
    {
        "emoji": Record("ReactionTypeEmoji", {**_TYPE, "emoji": Need(STR)}),
        "custom_emoji": Record("ReactionTypeCustomEmoji", {**_TYPE, "custom_emoji_id": Need(STR)}),
    },
)
