"""The Bot API test server, driven by a real python-telegram-bot: every method and its answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden

from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.handlers import handlers
from tests.botapi.methods import METHODS
from tests.botapi.people import person
from tests.botapi.pictures import image_bytes, video_bytes
from tests.botapi.server import running_bot_api

ANN = 501
GROUP = -1001234567890
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


async def test_table_and_handlers(api: BotApi) -> None:
    """Every method in the table is answered by a handler, and none besides."""
    assert METHODS.keys() == handlers(api.fetching).keys()


async def test_get_me(bot: Bot) -> None:
    """The client learns the bot's own id and name when it starts."""
    assert ("darkroom_bot", True) == (bot.username, bot.bot.is_bot)


async def test_send_message(api: BotApi, bot: Bot) -> None:
    """A text comes back as the Message it became, with its markup parsed and its reply inside."""
    sent = await bot.send_message(
        ANN,
        "<b>Queued</b> & <i>second</i> 😀",
        parse_mode=ParseMode.HTML,
        reply_markup=AGAIN,
        reply_parameters=ReplyParameters(1),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
        protect_content=True,
    )

    assert "Queued & second 😀" == sent.text
    assert ["Queued", "second"] == list(sent.parse_entities().values())
    assert "/start" == sent.reply_to_message.text
    assert AGAIN == sent.reply_markup
    assert (2, "bot", ["Again"]) == (
        api.chat(ANN)[-1].message_id,
        api.chat(ANN)[-1].sender,
        api.chat(ANN)[-1].labels,
    )


async def test_send_photo(api: BotApi, bot: Bot) -> None:
    """A photo has several sizes; the largest holds the bytes that were sent."""
    data = image_bytes((1000, 500))

    sent = await bot.send_photo(ANN, data, caption="an astronaut", has_spoiler=True, reply_markup=AGAIN)

    assert [(90, 45), (320, 160), (800, 400), (1000, 500)] == [(one.width, one.height) for one in sent.photo]
    assert (True, "an astronaut") == (sent.has_media_spoiler, sent.caption)
    assert data == api.chat(ANN)[-1].data
    assert data == await (await sent.photo[-1].get_file()).download_as_bytearray()


async def test_send_video_and_animation(api: BotApi, bot: Bot) -> None:
    """An MP4 is measured; an animation is also given as a document."""
    film = video_bytes()

    video = await bot.send_video(ANN, film, caption="v", supports_streaming=True, duration=1)
    moving = await bot.send_animation(ANN, film, filename="a.mp4")

    assert (64, 48, 1) == (video.video.width, video.video.height, video.video.to_dict()["duration"])
    assert ("a.mp4", 64) == (moving.animation.file_name, moving.animation.width)
    assert moving.animation.file_id == moving.document.file_id
    assert ["video", "animation"] == [message.kind for message in api.from_bot(ANN)]


async def test_bytes_that_do_not_play(bot: Bot) -> None:
    """A "video" that is none arrives as a document, as on the real server."""
    sent = await bot.send_video(ANN, b"not a film", filename="film.mp4")

    assert (None, "film.mp4") == (sent.video, sent.document.file_name)


async def test_send_document(bot: Bot) -> None:
    """A document keeps its name, type and bytes, and can be sent again by its id."""
    first = await bot.send_document(ANN, b"\0\1\2", filename="export.zip", caption="all of it")
    again = await bot.send_document(ANN, first.document.file_id)

    assert ("export.zip", "application/zip", 3) == (
        first.document.file_name,
        first.document.mime_type,
        first.document.file_size,
    )
    assert first.document.file_unique_id == again.document.file_unique_id


async def test_send_media_group(api: BotApi, bot: Bot) -> None:
    """An album is as many messages with one media_group_id."""
    media = [
        InputMediaPhoto(image_bytes(colour="red"), caption="four of them"),
        InputMediaPhoto(image_bytes(colour="blue")),
        InputMediaVideo(video_bytes()),
    ]

    sent = await bot.send_media_group(ANN, media)

    assert ["four of them", None, None] == [one.caption for one in sent]
    assert 1 == len({one.media_group_id for one in sent})
    with pytest.raises(BadRequest, match="Can't change media type in the album"):
        await bot.edit_message_media(InputMediaDocument(b"x"), ANN, sent[0].message_id)
    assert 4 == len(api.chat(ANN))


async def test_chat_action_and_reaction(api: BotApi, bot: Bot) -> None:
    """What the bot is doing, and its reaction, are seen."""
    await bot.send_chat_action(ANN, ChatAction.UPLOAD_PHOTO)
    await bot.set_message_reaction(ANN, 1, "👍")

    assert [(ANN, "upload_photo")] == api.world.actions
    assert "👍" == api.chat(ANN)[0].reaction[0]["emoji"]
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(ANN, 1, "🦖")


async def test_profile(api: BotApi, bot: Bot) -> None:
    """Commands are kept per scope and language, descriptions per language."""
    picture = BotCommand("f", "a picture")
    await bot.set_my_commands([picture])
    await bot.set_my_commands([], scope=BotCommandScopeChat(ANN), language_code="de")
    await bot.set_my_description("A private studio")
    await bot.set_my_short_description("Ein Studio", language_code="de")

    assert (picture,) == await bot.get_my_commands()
    assert () == await bot.get_my_commands(scope=BotCommandScopeChat(ANN))
    assert {"description/": "A private studio", "short_description/de": "Ein Studio"} == api.world.profile


async def test_button(api: BotApi, bot: Bot) -> None:
    """A press reaches the bot once, can be answered once, and only on a button that is there."""
    sent = await bot.send_message(ANN, "Done", reply_markup=AGAIN)
    query_id = api.user_presses(ANN, sent.message_id, "Again")

    *_, update = await bot.get_updates()

    assert (query_id, "again:1", "Done") == (
        update.callback_query.id,
        update.callback_query.data,
        update.callback_query.message.text,
    )
    assert [api.press(query_id)] == api.unanswered
    await bot.answer_callback_query(query_id, "On it")
    assert "On it" == api.press(query_id).answer["text"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query_id)
    await bot.edit_message_reply_markup(ANN, sent.message_id)
    with pytest.raises(LookupError):
        api.user_presses(ANN, sent.message_id, "Again")


async def test_query_too_old(api: BotApi, bot: Bot) -> None:
    """A press that waited too long can't be answered any more."""
    sent = await bot.send_message(ANN, "Done", reply_markup=AGAIN)
    query_id = api.user_presses(ANN, sent.message_id, "again:1")
    api.press(query_id).expired = True

    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query_id)


async def test_what_people_send(api: BotApi, bot: Bot) -> None:
    """Texts, photos, documents, albums, edits and replies reach the bot as Telegram's updates."""
    data = image_bytes((400, 300), encoding="JPEG")
    said = api.user_says(ANN, "/f an astronaut")
    api.user_sends_photo(ANN, data, caption="/qwen put a t-shirt on him", reply_to=said)
    api.user_sends_document(ANN, b"%PDF", file_name="a.pdf", mime_type="application/pdf")
    api.user_sends_album(ANN, [data, image_bytes()], caption="two")
    api.user_edits(ANN, said, "/f a cosmonaut")

    _, text, photo, document, *album, edited = await bot.get_updates()

    assert {"/f": 0} == {one: entity.offset for entity, one in text.message.parse_entities().items()}
    assert ["/qwen"] == list(photo.message.parse_caption_entities(["bot_command"]).values())
    assert said == photo.message.reply_to_message.message_id
    assert data == await (await photo.message.photo[-1].get_file()).download_as_bytearray()
    assert ("a.pdf", "application/pdf") == (
        document.message.document.file_name,
        document.message.document.mime_type,
    )
    assert [True, True] == [one.message.media_group_id == album[0].message.media_group_id for one in album]
    assert ("/f a cosmonaut", True) == (
        edited.edited_message.text,
        edited.edited_message.edit_date is not None,
    )


async def test_group_privacy(api: BotApi, bot: Bot) -> None:
    """In a group the bot sees commands meant for it and replies to it, and nothing else."""
    bob = person(502, "Bob")
    api.user_says(GROUP, "nice weather", user=bob)
    api.user_says(GROUP, "/f@other_bot a cat", user=bob)
    api.user_says(GROUP, "/f@darkroom_bot a cat", user=bob)
    sent = await bot.send_message(GROUP, "Queued")
    api.user_says(GROUP, "thanks", user=bob, reply_to=sent.message_id)

    seen = [update.message for update in await bot.get_updates()][1:]

    assert ["/f@darkroom_bot a cat", "thanks"] == [message.text for message in seen]
    assert ("supergroup", "Bob") == (seen[0].chat.type, seen[0].from_user.first_name)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(GROUP, 1)


async def test_blocked(api: BotApi, bot: Bot) -> None:
    """Who blocks the bot is told about in an update, and can't be written to."""
    api.user_blocks(ANN)

    *_, update = await bot.get_updates()

    assert "kicked" == update.my_chat_member.new_chat_member.status
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ANN, "hello?")
    api.user_blocks(ANN, blocked=False)
    await bot.send_message(ANN, "welcome back")


async def test_unknown_chat(bot: Bot) -> None:
    """A bot can't write to someone who never wrote to it."""
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "hello?")
