"""The Bot API test server: what may be edited into what, and how it says no."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAnimation,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest

from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.pictures import image_bytes, video_bytes
from tests.botapi.server import running_bot_api

ANN = 501
CANCEL = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="cancel:1")]])
AGAIN = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again:1")]])


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """A fresh server in which Ann has pressed Start; at the end it must have seen no violation."""
    async with running_bot_api() as running:
        running.user_says(ANN, "/start")
        yield running
        running.assert_clean()


@pytest.fixture
async def bot(api: BotApi) -> AsyncGenerator[Bot]:
    """A client of that server."""
    async with telegram_bot(api) as made:
        yield made


async def test_status_becomes_picture(api: BotApi, bot: Bot) -> None:
    """The status text can be edited into the picture in place, and its history is kept."""
    data = image_bytes()
    status = await bot.send_message(ANN, "Queued", reply_markup=CANCEL)
    await bot.edit_message_text("Painting 40 %", ANN, status.message_id, reply_markup=CANCEL)

    shown = await bot.edit_message_media(
        InputMediaPhoto(data, caption="an <b>astronaut</b>", parse_mode="HTML"),
        ANN,
        status.message_id,
        reply_markup=AGAIN,
    )

    message = api.chat(ANN)[-1]
    assert (status.message_id, "an astronaut", None) == (shown.message_id, shown.caption, shown.text)
    assert ("photo", data, ["Again"], 2) == (message.kind, message.data, message.labels, message.edits)
    assert ["Queued", "Painting 40 %", "an astronaut"] == [one.said.text for one in message.versions]
    assert 2 == len(api.chat(ANN))


async def test_same_picture_twice(api: BotApi, bot: Bot) -> None:
    """The same bytes, caption and buttons are "not modified": a redelivery shows nothing twice."""
    status = await bot.send_message(ANN, "Queued")
    picture = image_bytes()
    await bot.edit_message_media(InputMediaPhoto(picture), ANN, status.message_id, reply_markup=AGAIN)

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(InputMediaPhoto(picture), ANN, status.message_id, reply_markup=AGAIN)
    await bot.edit_message_media(InputMediaPhoto(image_bytes(colour="red")), ANN, status.message_id)

    assert (2, []) == (api.chat(ANN)[-1].edits, api.chat(ANN)[-1].labels)


async def test_same_text_twice(api: BotApi, bot: Bot) -> None:
    """The same text with the same buttons is refused; with other buttons it is an edit."""
    sent = await bot.send_message(ANN, "Queued", reply_markup=CANCEL)

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Queued", ANN, sent.message_id, reply_markup=CANCEL)
    await bot.edit_message_text("Queued", ANN, sent.message_id)

    assert [] == api.chat(ANN)[-1].labels
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(ANN, sent.message_id)


async def test_text_of_a_picture(bot: Bot) -> None:
    """A picture has a caption and no text; a text has no caption."""
    photo = await bot.send_photo(ANN, image_bytes(), caption="one")
    text = await bot.send_message(ANN, "two")

    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("x", ANN, photo.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ANN, text.message_id, caption="x")
    edited = await bot.edit_message_caption(
        ANN, photo.message_id, caption="*three*", parse_mode="MarkdownV2", show_caption_above_media=True
    )

    assert ("three", True) == (edited.caption, edited.show_caption_above_media)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_caption(
            ANN, photo.message_id, caption="*three*", parse_mode="MarkdownV2", show_caption_above_media=True
        )


async def test_medium_into_another(api: BotApi, bot: Bot) -> None:
    """Outside of an album any medium can take the place of any other."""
    sent = await bot.send_photo(ANN, image_bytes())

    moving = await bot.edit_message_media(InputMediaAnimation(video_bytes()), ANN, sent.message_id)
    await bot.edit_message_media(InputMediaDocument(b"0123"), ANN, sent.message_id)
    back = await bot.edit_message_media(InputMediaPhoto(sent.photo[-1].file_id), ANN, sent.message_id)

    assert (64, sent.photo) == (moving.animation.width, back.photo)
    assert ["photo", "animation", "document", "photo"] == [one.kind for one in api.chat(ANN)[-1].versions]


async def test_only_its_own(bot: Bot) -> None:
    """The bot edits neither a person's message, nor one that is gone, nor one with a reply keyboard."""
    sent = await bot.send_message(ANN, "here today")
    menu = await bot.send_message(ANN, "pick", reply_markup=ReplyKeyboardMarkup([["a", "b"]]))

    for message_id in (1, menu.message_id):
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("x", ANN, message_id)
    assert await bot.delete_message(ANN, sent.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", ANN, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ANN, sent.message_id)


async def test_deleted_by_a_person(api: BotApi, bot: Bot) -> None:
    """A status message the person deleted can't become the picture: it has to be sent anew."""
    sent = await bot.send_message(ANN, "Queued")
    api.user_deletes(ANN, sent.message_id)

    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_media(InputMediaPhoto(image_bytes()), ANN, sent.message_id)

    assert ["/start"] == [message.text for message in api.chat(ANN)]


async def test_reply_to_nothing(api: BotApi, bot: Bot) -> None:
    """A reply to a message that is gone is refused, unless the call allows sending without."""
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ANN, "x", reply_parameters=ReplyParameters(77))

    sent = await bot.send_message(
        ANN, "y", reply_parameters=ReplyParameters(77, allow_sending_without_reply=True)
    )

    assert (None, "y") == (sent.reply_to_message, api.chat(ANN)[-1].text)
