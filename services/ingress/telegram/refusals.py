"""
What the Bot API's failures mean for the caller.

TelegramDownError (retryable)   no answer, or the server's own fault
├── FloodError                  too fast: wait so many seconds
└── TunnelDownError             the tunnel gives no way there; nothing was sent
ChatGoneError                   nobody can be reached there any more
MessageGoneError                the message was deleted, or can't be edited any more
TooLargeError                   a file beyond what the Bot API carries
RefusedError                    anything else that the Bot API refuses
"""

from __future__ import annotations

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from services.common.errors import RejectedError, RetryableError, ServiceError


class TelegramDownError(RetryableError):
    """The Bot API does not answer."""

    code = "telegram-down"


class FloodError(TelegramDownError):
    """The Bot API wants a pause of ``retry_after_s`` seconds."""

    code = "telegram-flood"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"a pause of {retry_after_s:g} s is wanted")
        self.retry_after_s = retry_after_s


class TunnelDownError(TelegramDownError):
    """The tunnel gives no way to the Bot API: nothing was sent, and nothing went around it."""

    code = "tunnel-down"


class ChatGoneError(RejectedError):
    """The person has blocked the bot, or the chat is closed to it."""

    code = "chat-gone"


class MessageGoneError(RejectedError):
    """The message is no longer there to be edited."""

    code = "message-gone"


class TooLargeError(RejectedError):
    """The file is larger than the Bot API carries."""

    code = "too-large"


class RefusedError(RejectedError):
    """The Bot API refuses the call itself."""

    code = "telegram-refused"


class TooManyRequests(TelegramError):  # noqa: N818 - named like the library's own
    """HTTP 429 with its pause, as the request layer found it."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("Too Many Requests")
        self.retry_after_s = retry_after_s


class NoWay(TelegramError):  # noqa: N818 - as above
    """The tunnel gave no way; the message says why."""


_CHAT_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
)
_MESSAGE_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    # It shows a medium already, which no state but the last one puts there.
    "there is no text in the message to edit",
)
_TOO_LARGE = ("file is too big", "request entity too large")
NOT_MODIFIED = "message is not modified"


def meaning(exc: TelegramError) -> ServiceError:
    """The library's exception as one of ours. No text of a person is in it, nor the token."""
    said = exc.message.lower()
    match exc:
        case TooManyRequests():
            return FloodError(exc.retry_after_s)
        case NoWay():
            return TunnelDownError(exc.message)
        case Forbidden() | ChatMigrated():
            return ChatGoneError(type(exc).__name__)
        case Conflict():
            return TelegramDownError("another process fetches this bot's updates, or a webhook is set")
        case InvalidToken():
            return RefusedError("the Bot API does not know this token or this method")
        case BadRequest():
            for gone, kind in ((_CHAT_GONE, ChatGoneError), (_MESSAGE_GONE, MessageGoneError)):
                if any(phrase in said for phrase in gone):
                    return kind(exc.message[:100])
            return (TooLargeError if _is_too_large(said) else RefusedError)(exc.message[:100])
        case _:
            return TooLargeError("413") if _is_too_large(said) else TelegramDownError(type(exc).__name__)


def _is_too_large(said: str) -> bool:
    return any(phrase in said for phrase in _TOO_LARGE)
