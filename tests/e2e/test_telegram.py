"""The main job over Telegram, at a Bot API server that forgives nothing."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.botapi.pictures import image_bytes
from tests.e2e.telegram import ME, answer_to, pictures, telegram_darkroom


async def test_four_pictures_over_telegram(home: Path) -> None:
    """`/f`, `/qwen`, `/qwen`, and a photo with a caption: each status message is edited into its picture."""
    async with telegram_darkroom(home) as (darkroom, api):
        for number, text in enumerate(
            ("/f an astronaut in a field --seed 7", "/qwen put a goose t-shirt on him", "/qwen at night"),
            start=1,
        ):
            asked = api.user_says(ME, text)
            await api.until(lambda n=number: len(pictures(api)) == n, 60)
            shown = answer_to(api, asked)
            assert shown is not None
            assert shown.edits >= 1
        api.user_sends_photo(ME, image_bytes(), caption="/qwen make it a postcard")
        await api.until(lambda: len(pictures(api)) == 4, 60)

        assert "seed 7" in pictures(api)[0].caption
        assert all(Image.open(io.BytesIO(picture.data)).size for picture in pictures(api))
        assert 4 == len(api.from_bot(ME))
        await darkroom.replay_holds()


async def test_replies_buttons_and_mistakes_over_telegram(home: Path) -> None:
    """Replying to an old picture branches from it, buttons work, and each mistake gets one clear sentence."""
    async with telegram_darkroom(home) as (darkroom, api):
        for text, expected in (
            ("/qwen a hat", "picture"),
            ("/f", "/f"),
            ("/nonsense a hat", "/nonsense"),
            ("/f x --size 7x7", "256"),
            ("/help", "/qwen"),
        ):
            asked = api.user_says(ME, text)
            answer = await api.until(lambda asked=asked: answer_to(api, asked), 20)
            assert expected in answer.text, (text, answer.text)
        first = api.user_says(ME, "/f one --seed 1")
        await api.until(lambda: len(pictures(api)) == 1, 30)
        api.user_says(ME, "/f two --seed 2")
        await api.until(lambda: len(pictures(api)) == 2, 30)
        old = answer_to(api, first)
        assert old is not None
        api.user_says(ME, "/qwen a branch", reply_to=old.message_id)
        await api.until(lambda: len(pictures(api)) == 3, 30)
        parent = await darkroom.fetchval(
            "SELECT (convert_from(p.data, 'UTF8')::jsonb -> 'params' ->> 'seed')::int FROM event_log p "
            "JOIN event_log c ON p.stream = 'image-' || "
            "(convert_from(c.data, 'UTF8')::jsonb -> 'parents' ->> 0) "
            "WHERE c.type = 'image.rendered.v1' ORDER BY c.position DESC LIMIT 1"
        )
        assert 1 == parent
        label = next(label for label in pictures(api)[0].labels if label)
        api.user_presses(ME, old.message_id, label)
        await api.until(lambda: len(pictures(api)) == 4, 30)
