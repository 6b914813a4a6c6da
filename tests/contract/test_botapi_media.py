"""The Bot API test server: sounds, thumbnails, measures and sizes, as python-telegram-bot sends them."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx
import pytest
from telegram import (
    Bot,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)
from telegram.error import BadRequest, NetworkError

from tests.botapi.api import BotApi
from tests.botapi.client import telegram_bot
from tests.botapi.pictures import film_bytes, image_bytes, moving_bytes, sound_bytes
from tests.botapi.server import running_bot_api

ANN = 501
SMALL = image_bytes((320, 192), encoding="JPEG")


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """A fresh server in which Ann has pressed Start."""
    async with running_bot_api() as running:
        running.user_says(ANN, "/start")
        yield running


@pytest.fixture
async def bot(api: BotApi) -> AsyncGenerator[Bot]:
    """The library, as our channel uses it."""
    async with telegram_bot(api) as bot:
        yield bot


async def test_a_sound_is_music_only_if_it_plays(api: BotApi, bot: Bot) -> None:
    """MP3 is audio with its length; FLAC and WAV, of which the Bot API speaks not, become documents."""
    sent = [
        await bot.send_audio(ANN, sound_bytes(kind), filename=f"a.{kind}") for kind in ("mp3", "flac", "wav")
    ]

    assert ["audio", "document", "document"] == [message.kind for message in api.from_bot(ANN)]
    assert sent[0].audio is not None
    assert 2 == sent[0].audio.to_dict()["duration"]


async def test_a_status_becomes_any_medium(api: BotApi, bot: Bot) -> None:
    """A text is edited into a video, that into a sound, an animation, a photo and a file."""
    status = await bot.send_message(ANN, "Rendering")
    media = [
        InputMediaVideo(
            film_bytes(), thumbnail=SMALL, width=320, height=192, duration=2, supports_streaming=True
        ),
        InputMediaAudio(sound_bytes(), duration=2),
        InputMediaAnimation(moving_bytes("GIF"), width=96, height=64),
        InputMediaPhoto(image_bytes()),
        InputMediaDocument(sound_bytes("flac"), disable_content_type_detection=True),
    ]
    for one in media:
        await bot.edit_message_media(one, ANN, status.message_id)
    versions = api.from_bot(ANN)[0].versions

    assert ["text", "video", "audio", "animation", "photo", "document"] == [one.kind for one in versions]
    assert versions[1].media is not None
    assert SMALL == versions[1].media.thumbnail
    api.assert_clean()


@pytest.mark.parametrize(
    "thumbnail",
    [
        image_bytes((321, 100), encoding="JPEG"),
        image_bytes((100, 321), encoding="JPEG"),
        image_bytes((100, 100)),
        b"no picture",
        SMALL + bytes(200 * 1024),
    ],
    ids=["too wide", "too high", "PNG", "text", "200 kB"],
)
async def test_a_thumbnail_is_a_small_jpeg(api: BotApi, bot: Bot, thumbnail: bytes) -> None:
    """Anything else is a violation."""
    with pytest.raises(BadRequest, match="humbnail"):
        await bot.send_video(ANN, film_bytes(), thumbnail=thumbnail)

    assert 1 == len(api.violations)


async def test_a_cover_is_a_photo(api: BotApi, bot: Bot) -> None:
    """It may be larger than a thumbnail, but has to be a picture."""
    await bot.send_video(ANN, film_bytes(), cover=image_bytes((832, 480)))
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_video(ANN, film_bytes(), cover=b"no picture")

    assert 1 == len(api.violations)


@pytest.mark.parametrize("told", [{"width": 640}, {"height": 191}, {"duration": 9}], ids=str)
async def test_measures_are_the_files_own(api: BotApi, bot: Bot, told: dict[str, int]) -> None:
    """What a client tells wrongly would be shown wrongly."""
    name = next(iter(told))
    with pytest.raises(BadRequest, match=f"{name.capitalize()} is told as"):
        await bot.send_video(ANN, film_bytes(), **told)

    assert 1 == len(api.violations)


async def test_sounds_stay_among_themselves(api: BotApi, bot: Bot) -> None:
    """Neither in an album with pictures nor edited into one."""
    tunes = await bot.send_media_group(ANN, [InputMediaAudio(sound_bytes()), InputMediaAudio(sound_bytes())])
    with pytest.raises(BadRequest, match="Can't change media type in the album"):
        await bot.edit_message_media(InputMediaPhoto(image_bytes()), ANN, tunes[0].message_id)
    with pytest.raises(BadRequest, match="Audio can't be mixed"):
        await bot.send_media_group(ANN, [InputMediaAudio(sound_bytes()), InputMediaPhoto(image_bytes())])

    assert 1 == len(api.violations)


@pytest.mark.parametrize(("limit", "status"), [(1024, 413), (2048, 200)])
async def test_files_are_as_large_as_the_server_carries(limit: int, status: int) -> None:
    """413 is the server's word, not the client's fault: a server of one's own may carry more."""
    async with running_bot_api(upload_limit_bytes=limit) as api, httpx.AsyncClient(trust_env=False) as http:
        api.user_says(ANN, "/start")
        response = await http.post(
            f"{api.url}/bot{api.token}/sendDocument",
            data={"chat_id": str(ANN)},
            files={"document": ("a.bin", bytes(2048))},
        )

        assert status == response.status_code
        api.assert_clean()


async def test_the_library_says_so_too() -> None:
    """Which is what our channel hears."""
    async with running_bot_api(upload_limit_bytes=1024) as api:
        api.user_says(ANN, "/start")
        async with telegram_bot(api) as bot:
            with pytest.raises(NetworkError, match="Request Entity Too Large"):
                await bot.send_document(ANN, bytes(2048))
