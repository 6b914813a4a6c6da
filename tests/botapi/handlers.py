"""Method name → handler; a contract test holds it against the table of methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.botapi import answering, editing, profile, sending
from tests.botapi.body import Call
from tests.botapi.fetching import Fetching
from tests.botapi.world import World

Handler = Callable[[World, Call], Awaitable[Any]]


def handlers(fetching: Fetching) -> dict[str, Handler]:
    """Every method this server answers."""
    return {
        "getMe": profile.get_me,
        "getUpdates": fetching.get_updates,
        "setWebhook": fetching.set_webhook,
        "deleteWebhook": fetching.set_webhook,
        "getWebhookInfo": fetching.get_webhook_info,
        "sendMessage": sending.send_message,
        "sendPhoto": sending.send_media,
        "sendVideo": sending.send_media,
        "sendAnimation": sending.send_media,
        "sendAudio": sending.send_media,
        "sendDocument": sending.send_media,
        "sendMediaGroup": sending.send_media_group,
        "editMessageText": editing.edit_message_text,
        "editMessageCaption": editing.edit_message_caption,
        "editMessageMedia": editing.edit_message_media,
        "editMessageReplyMarkup": editing.edit_message_reply_markup,
        "deleteMessage": editing.delete_message,
        "sendChatAction": answering.send_chat_action,
        "answerCallbackQuery": answering.answer_callback_query,
        "getFile": fetching.get_file,
        "setMyCommands": profile.set_my_commands,
        "getMyCommands": profile.get_my_commands,
        "setMyDescription": profile.set_my_description,
        "setMyShortDescription": profile.set_my_description,
        "setMessageReaction": answering.set_message_reaction,
    }
