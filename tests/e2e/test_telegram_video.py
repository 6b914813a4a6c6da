"""`/wan` over Telegram, at a Bot API server that forgives nothing."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.botapi.media import film
from tests.e2e.telegram import ME, answer_to, telegram_darkroom


async def test_a_video_over_telegram(home: Path) -> None:
    """The status becomes the video, with a thumbnail of its poster; that a video is not edited is said."""
    async with telegram_darkroom(home) as (darkroom, api):
        asked = api.user_says(ME, "/wan a goose that lands on a lake --size 320x256 --seed 7")
        await api.until(lambda: [one for one in api.from_bot(ME) if one.kind == "video"], 60)
        message = answer_to(api, asked)
        assert message is not None
        played = film(message.data)
        media = message.content.media

        assert played is not None
        assert media is not None
        assert (320, 256) == (played.width, played.height)
        assert "320\u00d7256" in message.caption
        with Image.open(io.BytesIO(media.thumbnail)) as thumbnail:
            assert ("JPEG", (320, 256)) == (thumbnail.format, thumbnail.size)
        assert 1 == len(api.from_bot(ME))

        asked = api.user_says(ME, "/qwen at night", reply_to=message.message_id)
        answer = await api.until(lambda: answer_to(api, asked), 20)
        assert "pictures that stand still" in answer.text
        await darkroom.replay_holds()
