"""Given what the Bot API answers, then what the caller is to do."""

from __future__ import annotations

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    NetworkError,
    TelegramError,
    TimedOut,
)

from services.ingress.telegram.refusals import (
    ChatGoneError,
    FloodError,
    MessageGoneError,
    RefusedError,
    TelegramDownError,
    TooLargeError,
    TooManyRequests,
    meaning,
)


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (TimedOut(), TelegramDownError),
        (NetworkError("Internal Server Error"), TelegramDownError),
        (Conflict("terminated by other getUpdates request"), TelegramDownError),
        (TooManyRequests(7), FloodError),
        (Forbidden("Forbidden: bot was blocked by the user"), ChatGoneError),
        (ChatMigrated(-1), ChatGoneError),
        (BadRequest("Chat not found"), ChatGoneError),
        (BadRequest("Not enough rights to send text messages to the chat"), ChatGoneError),
        (BadRequest("Message to edit not found"), MessageGoneError),
        (BadRequest("Message can't be edited"), MessageGoneError),
        (BadRequest("There is no text in the message to edit"), MessageGoneError),
        (BadRequest("File is too big"), TooLargeError),
        (NetworkError("Request Entity Too Large"), TooLargeError),
        (BadRequest("PHOTO_INVALID_DIMENSIONS"), RefusedError),
    ],
)
def test_meaning(exc: TelegramError, kind: type[Exception]) -> None:
    """Wait, give up on the chat, on the message, on the file, or on the call."""
    assert kind is type(meaning(exc))


def test_pause_is_kept() -> None:
    """However long Telegram wants it."""
    error = meaning(TooManyRequests(35.0))

    assert isinstance(error, FloodError)
    assert 35.0 == error.retry_after_s
