"""Given an update of Telegram's, then what this channel looks at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from telegram import Update

from schemas.private import Address
from services.ingress.telegram.incoming import Answered, FileSent, Incoming, Press, Sort, read_update

BOT = 99
ANN = {"id": 1001, "is_bot": False, "first_name": "Ann"}
DARKROOM = {"id": BOT, "is_bot": True, "first_name": "Darkroom"}
PRIVATE = {"id": 1001, "type": "private"}
FORUM = {"id": -5, "type": "supergroup", "is_forum": True}
SMALL = {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 900}
LARGE = {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 90_000}
PICTURE = UUID(int=7)


def message(**more: Any) -> dict[str, Any]:
    """A message of Ann's."""
    return {"message_id": 5, "date": 0, "chat": PRIVATE, "from": ANN, **more}


def read(**more: Any) -> Incoming | None:
    """That message, read."""
    update = Update.de_json({"update_id": 1, "message": message(**more)}, None)
    return read_update(update, BOT)


def test_text() -> None:
    """Who said what, where."""
    expected = Incoming(
        update_id=1,
        chat=Address(chat_id=1001),
        is_private=True,
        message_id=5,
        person_id=1001,
        text="/f a cat",
    )

    assert expected == read(text="/f a cat")


@pytest.mark.parametrize(
    ("attached", "files"),
    [
        ({"photo": [SMALL, LARGE, SMALL]}, [("large", 90_000, "picture")]),
        ({"document": {**SMALL, "mime_type": "image/png"}}, [("small", 900, "picture")]),
        ({"document": {**SMALL, "mime_type": "text/plain"}}, [("small", 900, "other")]),
        ({"document": {**SMALL, "mime_type": "video/mp4"}}, [("small", 900, "video")]),
        ({"document": {**SMALL, "mime_type": "audio/flac"}}, [("small", 900, "audio")]),
        ({"document": SMALL}, [("small", 900, "other")]),
        ({"audio": {**SMALL, "duration": 3}}, [("small", 900, "audio")]),
        ({"video": {**SMALL, "duration": 3}}, [("small", 900, "video")]),
        ({"voice": {**SMALL, "duration": 3}}, [("small", 900, "audio")]),
        (
            {"animation": {**LARGE, "duration": 3}, "document": {**SMALL, "mime_type": "image/gif"}},
            [("large", 90_000, "moving")],
        ),
    ],
)
def test_files(attached: dict[str, Any], files: list[tuple[str, int, Sort]]) -> None:
    """The largest of a photo's sizes; of anything else what it is."""
    heard = read(caption="/qwen", **attached)

    assert heard is not None
    assert "/qwen" == heard.text
    assert tuple(FileSent(file_id=i, size_bytes=s, sort=what) for i, s, what in files) == heard.files


@pytest.mark.parametrize(
    "changed",
    [
        {"pinned_message": message(text="x")},
        {"new_chat_members": [ANN]},
        {"text": "x", "from": {**DARKROOM, "id": 98}},
        {"location": {"latitude": 1, "longitude": 1}},
    ],
)
def test_what_is_passed_over(changed: dict[str, Any]) -> None:
    """Service messages, other bots, and what has neither words nor a file."""
    assert read(**changed) is None


def test_edits_are_passed_over() -> None:
    """Only new messages count."""
    update = Update.de_json({"update_id": 1, "edited_message": message(text="/f", edit_date=1)}, None)

    assert read_update(update, BOT) is None


def test_a_channel_or_hidden_admin_speaks_as_a_chat() -> None:
    """Telegram's stand-in user would make one person of all of them."""
    heard = read(text="/f", chat=FORUM, sender_chat={"id": -5, "type": "supergroup"})

    assert heard is not None
    assert -5 == heard.person_id


def test_reply_to_one_of_ours() -> None:
    """Which message, and the picture that its button names."""
    keyboard = {"inline_keyboard": [[{"text": "Use", "callback_data": f"use:{PICTURE}"}]]}
    heard = read(
        text="/qwen", reply_to_message=message(message_id=4, **{"from": DARKROOM}, reply_markup=keyboard)
    )

    assert heard is not None
    assert Answered(is_ours=True, message_id=4, image_id=PICTURE) == heard.answered


def test_reply_to_a_persons_picture_brings_it() -> None:
    """But not another picture, when one came with the reply itself, nor a film."""
    photo = message(message_id=4, photo=[SMALL])
    alone = read(text="/qwen", reply_to_message=photo)
    both = read(caption="/qwen", photo=[LARGE], reply_to_message=photo)
    film = read(text="/qwen", reply_to_message=message(message_id=4, video={**SMALL, "duration": 1}))

    assert alone is not None
    assert both is not None
    assert film is not None
    assert ["small"] == [file.file_id for file in alone.files]
    assert ["large"] == [file.file_id for file in both.files]
    assert () == film.files


def test_topic_of_a_forum() -> None:
    """Answers go into the topic; the message that opened it is not what a message there answers."""
    opening = message(
        message_id=3, chat=FORUM, **{"from": DARKROOM}, forum_topic_created={"name": "x", "icon_color": 1}
    )
    heard = read(text="/f", chat=FORUM, is_topic_message=True, message_thread_id=3, reply_to_message=opening)

    assert heard is not None
    assert Address(chat_id=-5, thread_id=3) == heard.chat
    assert heard.answered is None


def test_row_of_replies_is_no_topic() -> None:
    """Outside forums a thread can't be written to."""
    heard = read(text="/f", chat={**FORUM, "is_forum": False}, message_thread_id=3)

    assert heard is not None
    assert 0 == heard.chat.thread_id


def test_pressed_button() -> None:
    """The message it stands under is the one to answer."""
    query = {
        "id": "q", "from": ANN, "chat_instance": "1", "data": "again:x",
        "message": message(message_id=4, **{"from": DARKROOM}),
    }  # fmt: skip
    heard = read_update(Update.de_json({"update_id": 1, "callback_query": query}, None), BOT)

    assert heard is not None
    assert (4, 1001, Press(query_id="q", data="again:x")) == (heard.message_id, heard.person_id, heard.press)
