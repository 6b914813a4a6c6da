"""`/wan` over Telegram, at a Bot API server that forgives nothing."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.botapi.media import film
from tests.e2e.telegram import ME, answer_to, telegram_darkroom


async def test_a_video_over_telegram(home: Path) -> None:
    """The status message tells of node and step and becomes the video, with a thumbnail of its poster."""
    async with telegram_darkroom(home) as (darkroom, api):
        asked = api.user_says(ME, "/wan a goose that lands on a lake --size 320x192 --seed 7")
        await api.until(lambda: [one for one in api.from_bot(ME) if one.kind == "video"], 60)
        message = answer_to(api, asked)
        assert message is not None
        played = film(message.data)
        media = message.content.media

        assert played is not None
        assert media is not None
        assert (320, 192) == (played.width, played.height)
        assert "320\u00d7192" in message.caption
        with Image.open(io.BytesIO(media.thumbnail)) as thumbnail:
            assert ("JPEG", (320, 192)) == (thumbnail.format, thumbnail.size)
        assert 1 == len(api.from_bot(ME))
        await darkroom.replay_holds()


async def test_a_video_is_not_edited(home: Path) -> None:
    """One clear sentence, and the video stays what it is."""
    async with telegram_darkroom(home) as (_, api):
        api.user_says(ME, "/wan a goose --size 320x192")
        await api.until(lambda: [one for one in api.from_bot(ME) if one.kind == "video"], 60)
        asked = api.user_says(ME, "/qwen at night", reply_to=api.from_bot(ME)[0].message_id)
        answer = await api.until(lambda: answer_to(api, asked), 20)

        assert "still picture" in answer.text, answer.text
